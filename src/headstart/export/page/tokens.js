// Cuts texts into tokens exactly as the `tokenizers` library does, for the two kinds that headstart's bases
// use: WordPiece with BERT's rules, and byte-pair encoding of whole texts with byte fallback.
import { Heap } from "./heap.js";

/** @typedef {(text: string) => string} Normalize */

export class Tokenizer {
  /** @param {any} table the content of a `tokenizer.json` */
  constructor(table) {
    const { model } = table;
    this.model = model.type === "WordPiece" ? new WordPiece(model) : new BytePairs(model);
    this.normalize = normalizerOf(table.normalizer);
    this.split = table.pre_tokenizer ? bertWords : (/** @type {string} */ text) => [text];
    /** @type {Map<string, number>} */
    this.added = new Map();
    for (const { content, id } of table.added_tokens ?? []) this.added.set(content, id);
    this.marks = marksOf(table.post_processor);
    this.most = table.truncation?.max_length ?? Infinity;
    const contents = [...this.added.keys()].sort((a, b) => b.length - a.length).map(escaped);
    this.pattern = contents.length ? new RegExp(`(${contents.join("|")})`) : null;
  }

  /**
   * @param {string} text
   * @returns {number[]}
   */
  encode(text) {
    /** @type {number[]} */
    const ids = [];
    for (const part of this.pattern ? text.split(this.pattern) : [text]) {
      const added = this.added.get(part);
      if (added !== undefined) ids.push(added);
      else if (part) for (const word of this.split(this.normalize(part))) this.model.add(word, ids);
    }
    const { before, after } = this.marks;
    const room = this.most - before.length - after.length;
    return [...before, ...ids.slice(0, room), ...after];
  }
}

/** @param {string} text */
const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/**
 * The tokens that stand before and after every text.
 * @param {any} processor
 */
function marksOf(processor) {
  /** @type {{ before: number[], after: number[] }} */
  const marks = { before: [], after: [] };
  let into = marks.before;
  for (const piece of processor?.single ?? []) {
    if (piece.Sequence) into = marks.after;
    else into.push(...processor.special_tokens[piece.SpecialToken.id].ids);
  }
  return marks;
}

/**
 * @param {any} normalizer
 * @returns {Normalize}
 */
function normalizerOf(normalizer) {
  if (!normalizer) return (text) => text;
  if (normalizer.type === "Sequence") {
    /** @type {Normalize[]} */
    const steps = normalizer.normalizers.map(normalizerOf);
    return (text) => steps.reduce((changed, step) => step(changed), text);
  }
  if (normalizer.type === "Prepend") return (text) => (text ? normalizer.prepend + text : text);
  if (normalizer.type === "Replace") {
    return (text) => text.replaceAll(normalizer.pattern.String, normalizer.content);
  }
  return (text) => bertText(text, normalizer);
}

const CHINESE_BLOCKS = [
  "\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff",
  "\\u{20000}-\\u{2a6df}\\u{2a700}-\\u{2b73f}\\u{2b740}-\\u{2b81f}",
  "\\u{2b820}-\\u{2ceaf}\\u{2f800}-\\u{2fa1f}",
];
const CHINESE = new RegExp(`[${CHINESE_BLOCKS.join("")}]`, "gu");
const CONTROLS = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}]|\ufffd/gu;
const PUNCTUATION = /[!-/:-@[-`{-~\p{P}]/u;

/**
 * @param {string} text
 * @param {any} rules
 */
function bertText(text, rules) {
  let changed = text;
  if (rules.clean_text) changed = changed.replace(CONTROLS, "").replace(/\p{White_Space}/gu, " ");
  if (rules.handle_chinese_chars) changed = changed.replace(CHINESE, " $& ");
  if (rules.strip_accents ?? rules.lowercase) changed = changed.normalize("NFD").replace(/\p{Mn}/gu, "");
  // letter by letter: of a whole word, a last sigma would become another letter
  if (rules.lowercase) changed = Array.from(changed, (letter) => letter.toLowerCase()).join("");
  return changed;
}

/** @param {string} text */
function bertWords(text) {
  const words = [];
  for (const run of text.split(/\p{White_Space}+/u)) {
    let word = "";
    for (const letter of run) {
      if (!PUNCTUATION.test(letter)) {
        word += letter;
        continue;
      }
      if (word) words.push(word);
      words.push(letter);
      word = "";
    }
    if (word) words.push(word);
  }
  return words;
}

class WordPiece {
  /** @param {any} model */
  constructor({ vocab, unk_token, continuing_subword_prefix, max_input_chars_per_word }) {
    /** @type {Map<string, number>} */
    this.vocab = new Map(Object.entries(vocab));
    this.unknown = /** @type {number} */ (this.vocab.get(unk_token));
    /** @type {string} */
    this.prefix = continuing_subword_prefix;
    /** @type {number} */
    this.longest = max_input_chars_per_word;
  }

  /**
   * @param {string} word
   * @param {number[]} ids
   */
  add(word, ids) {
    const letters = Array.from(word);
    const pieces = letters.length > this.longest ? null : this.pieces(letters);
    ids.push(...(pieces ?? [this.unknown]));
  }

  /**
   * The longest pieces that are known, from the start on; null where some letter is in none.
   * @param {string[]} letters
   */
  pieces(letters) {
    const ids = [];
    for (let start = 0; start < letters.length; ) {
      const piece = this.longestPiece(letters, start);
      if (!piece) return null;
      ids.push(piece.id);
      start = piece.end;
    }
    return ids;
  }

  /**
   * @param {string[]} letters
   * @param {number} start
   */
  longestPiece(letters, start) {
    for (let end = letters.length; end > start; end -= 1) {
      const id = this.vocab.get((start ? this.prefix : "") + letters.slice(start, end).join(""));
      if (id !== undefined) return { id, end };
    }
    return null;
  }
}

const GONE = -1;

class BytePairs {
  /** @param {any} model */
  constructor({ vocab, merges, unk_token }) {
    /** @type {Map<string, number>} */
    this.vocab = new Map(Object.entries(vocab));
    this.unknown = /** @type {number} */ (this.vocab.get(unk_token));
    /** @type {Map<number, { rank: number, id: number }>} */
    this.merges = new Map();
    for (const [rank, merge] of merges.entries()) {
      const [left, right] = Array.isArray(merge) ? merge : merge.split(" ");
      this.merges.set(keyOf(this.id(left), this.id(right)), { rank, id: this.id(left + right) });
    }
  }

  /**
   * @param {string} text
   * @param {number[]} ids
   */
  add(text, ids) {
    const chain = new Chain(this.letters(text), this.merges);
    chain.mergeAll();
    for (const id of chain.ids) if (id !== GONE) ids.push(id);
  }

  /** @param {string} piece */
  id(piece) {
    return this.vocab.get(piece) ?? GONE;
  }

  /**
   * The tokens of single letters; of their bytes where a letter has none.
   * @param {string} text
   */
  letters(text) {
    /** @type {number[]} */
    const ids = [];
    for (const letter of text) {
      const id = this.vocab.get(letter);
      if (id !== undefined) {
        ids.push(id);
        continue;
      }
      const bytes = this.bytes(letter);
      if (bytes) ids.push(...bytes);
      else if (ids.at(-1) !== this.unknown) ids.push(this.unknown);
    }
    return ids;
  }

  /**
   * The tokens of a letter's bytes; null where one has none.
   * @param {string} letter
   */
  bytes(letter) {
    const ids = [];
    for (const byte of new TextEncoder().encode(letter)) {
      const id = this.vocab.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
      if (id === undefined) return null;
      ids.push(id);
    }
    return ids;
  }
}

/**
 * One number for two tokens.
 * @param {number} left
 * @param {number} right
 */
const keyOf = (left, right) => left * 0x1000000 + right;

/** The tokens of a text, each with its neighbours, so that two can become one at once. */
class Chain {
  /**
   * @param {number[]} ids
   * @param {Map<number, { rank: number, id: number }>} merges
   */
  constructor(ids, merges) {
    this.ids = ids;
    this.merges = merges;
    this.next = ids.map((_, place) => place + 1);
    this.before = ids.map((_, place) => place - 1);
    this.heap = new Heap();
  }

  /**
   * What the token at a place and the next one become; undefined where they stay two.
   * @param {number} place
   */
  mergeAt(place) {
    const other = this.next[place];
    if (place < 0 || this.ids[place] === GONE || other >= this.ids.length) return undefined;
    return this.merges.get(keyOf(this.ids[place], this.ids[other]));
  }

  /** @param {number} place */
  offer(place) {
    const merge = this.mergeAt(place);
    if (merge) this.heap.push({ rank: merge.rank, place, id: merge.id });
  }

  mergeAll() {
    for (let place = 0; place < this.ids.length; place += 1) this.offer(place);
    for (let first = this.heap.pop(); first; first = this.heap.pop()) {
      // What was offered may be gone by now, or have become something else.
      if (this.mergeAt(first.place)?.id === first.id) this.merge(first.place, first.id);
    }
  }

  /**
   * @param {number} place
   * @param {number} id
   */
  merge(place, id) {
    const { ids, next, before } = this;
    const other = next[place];
    ids[place] = id;
    ids[other] = GONE;
    next[place] = next[other];
    if (next[place] < ids.length) before[next[place]] = place;
    this.offer(before[place]);
    this.offer(place);
  }
}
