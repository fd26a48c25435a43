// The smallest rank first; of equal ranks the first place.

/** @typedef {{ rank: number, place: number, id: number }} Offer two tokens at a place that may become one */

export class Heap {
  /** @type {Offer[]} */
  items = [];

  /** @param {Offer} item */
  push(item) {
    const { items } = this;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isEarlier(items[at], items[parent])) break;
      this.swap(at, parent);
      at = parent;
    }
  }

  /** The first of all, taken out; undefined where there is none. */
  pop() {
    const { items } = this;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || !items.length) return last;
    items[0] = last;
    this.sink();
    return first;
  }

  /** Let the first sink to where it belongs. */
  sink() {
    for (let at = 0, child = this.childOf(0); child && isEarlier(this.items[child], this.items[at]); ) {
      this.swap(at, child);
      at = child;
      child = this.childOf(at);
    }
  }

  /**
   * The earlier of the two below a place; 0 where there is none.
   * @param {number} at
   */
  childOf(at) {
    const { items } = this;
    const [left, right] = [2 * at + 1, 2 * at + 2];
    if (left >= items.length) return 0;
    return right < items.length && isEarlier(items[right], items[left]) ? right : left;
  }

  /**
   * @param {number} at
   * @param {number} other
   */
  swap(at, other) {
    const { items } = this;
    [items[at], items[other]] = [items[other], items[at]];
  }
}

/**
 * @param {Offer} offer
 * @param {Offer} other
 */
function isEarlier(offer, other) {
  return offer.rank < other.rank || (offer.rank === other.rank && offer.place < other.place);
}
