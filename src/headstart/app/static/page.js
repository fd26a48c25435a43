// What the page was given, its words in the person's language, and numbers as that language writes them.

/** @type {Api.PageData} */
export const data = JSON.parse(document.getElementById("page-data")?.textContent || "{}");
/** The project that the page is about; the pages that are about none do not ask for it. */
export const project = /** @type {Api.Project} */ (data.project);
export const kind = data.project?.modality || "";
/** What the server says of this kind of data: how an example is drawn, which files are taken, and so on. */
export const about = /** @type {Api.Kind} */ (data.kinds?.[kind] || {});
export const drawn = about.drawn;
export const lang = document.documentElement.lang || "en";

/** @type {Record<string, string>} */
const words = await (await fetch(`/strings/${lang}.json`)).json();
const plurals = new Intl.PluralRules(lang);

/** @param {string} key */
export const has = (key) => Object.hasOwn(words, key);

/**
 * The words of a key, with {name} filled in.
 * @param {string} key
 * @param {Ui.Values} values
 * @returns {string}
 */
export function t(key, values = {}) {
  const text = has(key) ? words[key] : key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? shown(values[name]) : whole));
}

/**
 * The words for a number of things: key.one or key.other.
 * @param {string} key
 * @param {number} n
 * @param {Ui.Values} values
 */
export function tn(key, n, values = {}) {
  const form = `${key}.${plurals.select(n)}`;
  return t(has(form) ? form : `${key}.other`, { n, ...values });
}

/**
 * What a person calls the examples of this project: "213 photos".
 * @param {number} n
 */
export const things = (n) => tn(`count.${kind}`, n);

/** @param {string | number} value */
export const shown = (value) => (typeof value === "number" ? number(value) : String(value));

/**
 * @param {number} value
 * @param {number} digits
 */
export const number = (value, digits = 0) =>
  new Intl.NumberFormat(lang, { maximumFractionDigits: digits }).format(value);

/**
 * A share in percent that never rounds a doubt or a chance away.
 * @param {number} share
 */
export function percent(share) {
  /** @param {number} value */
  const write = (value) => new Intl.NumberFormat(lang, { style: "percent" }).format(value);
  if (share < 1 && share >= 0.995) return `>${write(0.99)}`;
  if (share > 0 && share < 0.005) return `<${write(0.01)}`;
  return write(share);
}

/**
 * "89 to 97", or "about 97" where both ends round to the same number.
 * @param {number} low
 * @param {number} high
 */
export function ofHundred(low, high) {
  const [a, b] = [Math.round(100 * low), Math.round(100 * high)];
  return a === b ? t("range.about", { n: a }) : t("range", { low: a, high: b });
}

/** @param {number} count */
export function bytes(count) {
  const big = count >= 1e6;
  return `${number(Math.max(count / (big ? 1e6 : 1e3), 1))}\u00a0${big ? "MB" : "kB"}`;
}

/** @param {string} iso */
export function ago(iso) {
  const seconds = (Date.parse(iso) - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
  if (seconds > -90) return t("now");
  if (seconds > -5400) return format.format(Math.round(seconds / 60), "minute");
  if (seconds > -129600) return format.format(Math.round(seconds / 3600), "hour");
  return format.format(Math.round(seconds / 86400), "day");
}

/** @param {number | null} seconds */
export function timeLeft(seconds) {
  if (seconds === null) return "";
  if (seconds < 5) return t("left.moment");
  if (seconds < 55) return tn("left.seconds", Math.ceil(seconds / 5) * 5);
  return tn("left.minutes", Math.max(1, Math.round(seconds / 60)));
}
