// A chat about documents for any page: one script tag, and nothing of the page is touched.
//
// <script type="module" src="https://answers.example/widget.js#assistant=support"></script>
//
// What stands after the # stays in the browser: `assistant` (the first where it is left out), `token` (one
// that may only ask), `lang`, `title`. With `place=ID` the chat fills that element, without a button.
// What documents say is only ever set as text, and all of it lives in a shadow root.

const HERE = new URL(import.meta.url);
const OPTIONS = new URLSearchParams(HERE.hash.slice(1));
/** Whether this is the server's own page: its language is the reader's, and its address may bring a token. */
const IS_OWN = HERE.origin === location.origin;
const MOST_TURNS = 20;
const MARGIN = 12;

/** @typedef {{ text: string, place: string }} Quote */
/**
 * @typedef {object} Answer
 * @property {string} question
 * @property {"answer" | "unsure" | "unknown" | "chat"} status
 * @property {string} message
 * @property {Quote[]} quotes
 * @property {Quote[]} also
 * @property {number} score
 * @property {string} understood
 * @property {{ first: Quote, other: Quote }[]} conflicts
 */
/** @typedef {Node | string | false | null} Child */

/**
 * An element; children are nodes, or strings that become text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} attributes
 * @param {...Child} children
 */
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

/**
 * @param {string} label
 * @param {string} extra
 * @param {() => unknown} act
 */
function button(label, extra, act) {
  const made = h("button", { type: "button", class: extra }, label);
  made.addEventListener("click", act);
  return made;
}

/** The words of the chat, in the language of the tag, of the page or of the browser. */
async function wordsOf() {
  const wanted = OPTIONS.get("lang") || (!IS_OWN && document.documentElement.lang) || navigator.language;
  const answer = await fetch(new URL(`widget.json?lang=${encodeURIComponent(wanted.slice(0, 2))}`, HERE));
  return /** @type {Record<string, string>} */ (await answer.json());
}

/** How the chat looks: a sheet made by a script is allowed where a page's policy forbids styles in it. */
async function styleOf() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(await (await fetch(new URL("widget.css", HERE))).text());
  return sheet;
}

class Chat {
  /** @param {Record<string, string>} said */
  constructor(said) {
    this.words = said;
    this.name = OPTIONS.get("assistant") ?? "";
    this.token = OPTIONS.get("token") || ownToken();
    /** @type {string[]} */
    this.history = [];
    this.log = h("div", { class: "log", role: "log", "aria-label": said.log, tabindex: "0" });
    this.field = h("input", { name: "question", maxlength: "4000", autocomplete: "off", required: "" });
    this.send = h("button", { class: "primary" }, said.ask);
    this.form = h("form", {}, h("label", {}, said.question, this.field), this.send);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const question = this.field.value.trim();
      if (question && !this.send.disabled) this.ask(question, this.history.slice(-MOST_TURNS));
    });
  }

  /**
   * Ask the server; throws what is to be said where it does not answer.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  async fetch(method, path, body) {
    /** @type {Record<string, string>} */
    const headers = body ? { "Content-Type": "application/json" } : {};
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const options = { method, headers, body: body ? JSON.stringify(body) : null };
    const answer = await fetch(new URL(path, HERE), options).catch(() => null);
    if (!answer) throw new Error(this.words.lost);
    if (answer.status === 401) throw new Error(this.words.token);
    const content = await answer.json().catch(() => null);
    if (!answer.ok) throw new Error(content?.message ?? this.words.lost);
    return content;
  }

  /** The assistant that is asked: the one of the tag, or the first there is. */
  async address() {
    if (!this.name) {
      const { assistants } = await this.fetch("GET", "v1/assistants");
      this.name = assistants[0]?.name ?? "";
    }
    return `v1/assistants/${encodeURIComponent(this.name)}`;
  }

  /**
   * @param {string} question
   * @param {string[]} history
   */
  async ask(question, history) {
    this.send.disabled = true;
    const told = h(
      "div",
      { class: "told", "aria-busy": "true" },
      h("p", { class: "quiet" }, this.words.busy),
    );
    const said = h("p", { class: "said", dir: "auto" }, question);
    this.log.append(said, told);
    this.log.scrollTop = this.log.scrollHeight;
    try {
      /** @type {Answer} */
      const answer = await this.fetch("POST", `${await this.address()}:ask`, { question, history });
      if (answer.status !== "chat") this.history.push(question);
      told.replaceChildren(...this.parts(answer));
      this.field.value = "";
    } catch (error) {
      told.replaceChildren(
        h("p", { role: "alert" }, error instanceof Error ? error.message : this.words.lost),
      );
    }
    told.removeAttribute("aria-busy");
    this.send.disabled = false;
    this.log.scrollTop = said.offsetTop - MARGIN;
    this.field.focus();
  }

  /**
   * @param {Answer} answer
   * @returns {Node[]}
   */
  parts({ question, status, message, quotes, also, score, understood, conflicts }) {
    const parts = [];
    if (understood) {
      const alone = button(this.words.alone, "slim", () => this.ask(question, []));
      parts.push(h("p", { class: "quiet" }, `${this.words.understood} “${understood}” `, alone));
    }
    if (status === "answer") {
      const texts = quotes.map(({ text }) => h("blockquote", { dir: "auto" }, text));
      const share = new Intl.NumberFormat(this.words.lang, { style: "percent" }).format(score);
      const place = h(
        "p",
        { class: "quiet" },
        [...new Set(quotes.map((quote) => quote.place))].join("; "),
        `. ${this.words.sure.replace("{share}", share)}`,
      );
      const against = conflicts.flatMap(({ first, other }) => [first, other]).map(listed);
      const differing = against.length ? [h("p", {}, message), h("ul", {}, ...against)] : [];
      return [...parts, ...texts, place, ...differing, this.thumbs(question)];
    }
    parts.push(h("p", {}, status === "unsure" && !conflicts.length ? this.words.unsure : message));
    const near = also.map(listed);
    return near.length ? [...parts, h("ol", {}, ...near)] : parts;
  }

  /** @param {string} question */
  thumbs(question) {
    const row = h("p", { class: "row" }, h("span", { class: "quiet" }, this.words.judge));
    /** @param {boolean} right */
    const judge = async (right) => {
      try {
        await this.fetch("POST", `${await this.address()}:feedback`, { question, right });
        row.replaceChildren(h("span", { class: "quiet", role: "status" }, this.words.thanks));
      } catch (error) {
        row.replaceChildren(h("span", { class: "quiet", role: "alert" }, String(error)));
      }
    };
    row.append(button(this.words.right, "slim", () => judge(true)));
    row.append(button(this.words.wrong, "slim", () => judge(false)));
    return row;
  }
}

/** @param {Quote} quote */
function listed({ text, place }) {
  return h("li", {}, h("blockquote", { dir: "auto" }, text), h("p", { class: "quiet" }, place));
}

/** On the server's own page, the token that its address brings after the #. */
function ownToken() {
  if (!IS_OWN) return "";
  return new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
}

/**
 * Put the chat into a shadow root, behind a button or filling a place of the page.
 * @param {Chat} chat
 * @param {CSSStyleSheet} style
 * @param {HTMLElement | null} place
 */
function show(chat, style, place) {
  const host = document.createElement("headstart-chat");
  host.lang = chat.words.lang;
  const shadow = host.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [style];
  const title = h(IS_OWN ? "h1" : "h2", { id: "title" }, OPTIONS.get("title") ?? chat.words.title);
  const heading = h("header", {}, title);
  const role = { class: "panel", role: place ? "region" : "dialog", "aria-labelledby": "title" };
  const panel = h("section", role, heading, chat.log, chat.form);
  const root = h("div", { class: place ? "root whole" : "root" }, panel);
  if (!place) behindButton(chat, heading, panel, root);
  shadow.append(root);
  (place ?? document.body).append(host);
}

/**
 * @param {Chat} chat
 * @param {HTMLElement} heading
 * @param {HTMLElement} panel
 * @param {HTMLElement} root
 */
function behindButton({ words: said, field }, heading, panel, root) {
  /** @param {boolean} isOpen */
  const turn = (isOpen) => {
    panel.hidden = !isOpen;
    opener.hidden = isOpen;
    (isOpen ? field : opener).focus();
  };
  const opener = button(said.open, "open primary", () => turn(true));
  opener.setAttribute("aria-haspopup", "dialog");
  const close = button("×", "slim", () => turn(false));
  close.setAttribute("aria-label", said.close);
  heading.append(close);
  panel.hidden = true;
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") turn(false);
  });
  root.append(opener);
}

/** @param {Record<string, string>} said */
function nameOwnPage({ lang, title }) {
  document.documentElement.lang = lang;
  document.title = title;
}

const [words, style] = await Promise.all([wordsOf(), styleOf()]);
if (IS_OWN) nameOwnPage(words);
show(new Chat(words), style, document.getElementById(OPTIONS.get("place") ?? ""));
