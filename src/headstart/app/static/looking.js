// Looking: how far the app is with files that were put into the folder by hand. Then the screen that was
// asked for.

import { percent, project, t } from "./page.js";
import { byId, put, say } from "./dom.js";
import { bar } from "./drawings.js";
import { ApiError, get } from "./api.js";

const EVERY = 300;
let said = "";

/** @param {Api.Looking} state */
function show({ done, total }) {
  const share = total ? done / total : 0;
  put(byId("share"), bar(share));
  if (total) byId("share").setAttribute("aria-valuenow", String(Math.round(100 * share)));
  byId("count").textContent = total ? t("looking.count", { done, total }) : t("looking.counting");
  const news = total ? percent(Math.floor(4 * share) / 4) : "";
  if (news !== said) say(news);
  said = news;
}

async function follow() {
  try {
    /** @type {Api.Looking} */
    const state = await get(`/projects/${project.id}/looking`);
    if (!state.looking) {
      location.reload();
      return;
    }
    show(state);
  } catch (problem) {
    if (problem instanceof ApiError && problem.status) {
      location.reload(); // the screen itself tells what is wrong
      return;
    }
  }
  setTimeout(follow, EVERY);
}

follow();
