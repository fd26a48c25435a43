// Cuts texts into tokens exactly as the `tokenizers` library does, for the two kinds that headstart's bases
// use: WordPiece with BERT's rules, and byte-pair encoding of whole texts with byte fallback.

export class Tokenizer {
  constructor(table) {
    const { model } = table;
    this.model = model.type === "WordPiece" ? new WordPiece(model) : new BytePairs(model);
    this.normalize = steps(table.normalizer);
    this.split = table.pre_tokenizer ? bertWords : (text) => [text];
    this.added = new Map((table.added_tokens ?? []).map((token) => [token.content, token.id]));
    this.marks = template(table.post_processor);
    this.most = table.truncation?.max_length ?? Infinity;
    const contents = [...this.added.keys()].sort((a, b) => b.length - a.length).map(escaped);
    this.pattern = contents.length ? new RegExp(`(${contents.join("|")})`) : null;
  }

  encode(text) {
    const ids = [];
    for (const part of this.pattern ? text.split(this.pattern) : [text]) {
      if (!part) continue;
      if (this.added.has(part)) ids.push(this.added.get(part));
      else for (const word of this.split(this.normalize(part))) this.model.add(word, ids);
    }
    const { before, after } = this.marks;
    const room = this.most - before.length - after.length;
    return [...before, ...ids.slice(0, room), ...after];
  }
}

function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function template(processor) {
  const marks = { before: [], after: [] };
  let into = marks.before;
  for (const piece of processor?.single ?? []) {
    if (piece.Sequence) into = marks.after;
    else into.push(...processor.special_tokens[piece.SpecialToken.id].ids);
  }
  return marks;
}

function steps(normalizer) {
  if (!normalizer) return (text) => text;
  if (normalizer.type === "Sequence") {
    const all = normalizer.normalizers.map(steps);
    return (text) => all.reduce((made, step) => step(made), text);
  }
  if (normalizer.type === "Prepend") return (text) => (text ? normalizer.prepend + text : text);
  if (normalizer.type === "Replace") return (text) => text.replaceAll(normalizer.pattern.String, normalizer.content);
  return (text) => bertText(text, normalizer);
}

const CHINESE = /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;
const CONTROLS = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}]|\ufffd/gu;
const PUNCTUATION = /[!-/:-@[-`{-~\p{P}]/u;

function bertText(text, rules) {
  let made = text;
  if (rules.clean_text) made = made.replace(CONTROLS, "").replace(/\p{White_Space}/gu, " ");
  if (rules.handle_chinese_chars) made = made.replace(CHINESE, " $& ");
  if (rules.strip_accents ?? rules.lowercase) made = made.normalize("NFD").replace(/\p{Mn}/gu, "");
  // letter by letter: of a whole word, a last sigma would become another letter
  if (rules.lowercase) made = Array.from(made, (letter) => letter.toLowerCase()).join("");
  return made;
}

function bertWords(text) {
  const words = [];
  for (const run of text.split(/\p{White_Space}+/u)) {
    let word = "";
    for (const letter of run) {
      if (!PUNCTUATION.test(letter)) { word += letter; continue; }
      if (word) words.push(word);
      words.push(letter);
      word = "";
    }
    if (word) words.push(word);
  }
  return words;
}

class WordPiece {
  constructor({ vocab, unk_token, continuing_subword_prefix, max_input_chars_per_word }) {
    this.vocab = new Map(Object.entries(vocab));
    this.unknown = this.vocab.get(unk_token);
    this.prefix = continuing_subword_prefix;
    this.longest = max_input_chars_per_word;
  }

  add(word, ids) {
    const letters = Array.from(word);
    const found = letters.length > this.longest ? null : this.pieces(letters);
    ids.push(...(found ?? [this.unknown]));
  }

  pieces(letters) {
    const found = [];
    for (let start = 0; start < letters.length;) {
      let end = letters.length;
      let id;
      for (; end > start; end--) {
        id = this.vocab.get((start ? this.prefix : "") + letters.slice(start, end).join(""));
        if (id !== undefined) break;
      }
      if (id === undefined) return null;
      found.push(id);
      start = end;
    }
    return found;
  }
}

class BytePairs {
  constructor({ vocab, merges, unk_token }) {
    this.vocab = new Map(Object.entries(vocab));
    this.unknown = this.vocab.get(unk_token);
    this.merges = new Map();
    merges.forEach((merge, rank) => {
      const [left, right] = Array.isArray(merge) ? merge : merge.split(" ");
      const key = this.key(this.vocab.get(left), this.vocab.get(right));
      this.merges.set(key, [rank, this.vocab.get(left + right)]);
    });
  }

  key(left, right) {
    return left * 0x1000000 + right;
  }

  add(text, ids) {
    const found = this.letters(text);
    const next = found.map((_, i) => i + 1);
    const before = found.map((_, i) => i - 1);
    const heap = new Heap();
    const offer = (place) => {
      const other = next[place];
      if (place < 0 || other >= found.length) return;
      const merge = this.merges.get(this.key(found[place], found[other]));
      if (merge) heap.push(merge[0], place, merge[1]);
    };
    for (let place = 0; place < found.length; place++) offer(place);
    while (heap.size) {
      const [, place, made] = heap.pop();
      const other = next[place];
      if (found[place] < 0 || other >= found.length) continue;
      if (this.merges.get(this.key(found[place], found[other]))?.[1] !== made) continue;
      found[place] = made;
      found[other] = -1; // gone
      next[place] = next[other];
      if (next[place] < found.length) before[next[place]] = place;
      offer(before[place]);
      offer(place);
    }
    for (const id of found) if (id >= 0) ids.push(id);
  }

  letters(text) {
    const found = [];
    for (const letter of text) {
      const id = this.vocab.get(letter);
      if (id !== undefined) { found.push(id); continue; }
      const bytes = Array.from(new TextEncoder().encode(letter), (byte) => this.vocab.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`));
      if (bytes.every((byte) => byte !== undefined)) found.push(...bytes);
      else if (found.at(-1) !== this.unknown) found.push(this.unknown);
    }
    return found;
  }
}

// The smallest rank first; of equal ranks the first place.
class Heap {
  constructor() { this.items = []; }
  get size() { return this.items.length; }

  push(...item) {
    const { items } = this;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!earlier(items[at], items[parent])) break;
      [items[at], items[parent]] = [items[parent], items[at]];
      at = parent;
    }
  }

  pop() {
    const { items } = this;
    const first = items[0];
    const last = items.pop();
    if (items.length) {
      items[0] = last;
      for (let at = 0; ;) {
        const child = [2 * at + 1, 2 * at + 2].filter((i) => i < items.length).reduce((best, i) => (best < 0 || earlier(items[i], items[best]) ? i : best), -1);
        if (child < 0 || !earlier(items[child], items[at])) break;
        [items[at], items[child]] = [items[child], items[at]];
        at = child;
      }
    }
    return first;
  }
}

function earlier(one, other) {
  return one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);
}
