// Looking: how far the app is with files that were put into the folder by hand. Then the screen that was asked for.

import { percent, project, t } from "./page.js";
import { byId, put, say } from "./dom.js";
import { bar } from "./drawings.js";
import { get } from "./api.js";

const EVERY = 300;
let said = "";

function show({ done, total }) {
  const share = total ? done / total : 0;
  put(byId("share"), bar(share));
  if (total) byId("share").setAttribute("aria-valuenow", Math.round(100 * share));
  byId("count").textContent = total ? t("looking.count", { done, total }) : t("looking.counting");
  const news = total ? percent(Math.floor(4 * share) / 4) : "";
  if (news !== said) say(news);
  said = news;
}

async function follow() {
  try {
    const found = await get(`/projects/${project.id}/looking`);
    if (!found.looking) { location.reload(); return; }
    show(found);
  } catch (problem) {
    if (problem.status) { location.reload(); return; } // the screen itself tells what is wrong
  }
  setTimeout(follow, EVERY);
}

follow();
