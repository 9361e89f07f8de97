/** Where else a group stands in its network: layers equal in kernels, strides and features, and connected alike. */
import type { Connection, Network } from "./network.ts";
import { Maker } from "./parts.ts";

export class Matcher {
  private readonly signatures: readonly number[];
  /** By layer: what leads to it, and what leads on from it. */
  private readonly incoming: readonly Connection[][];
  private readonly outgoing: readonly Connection[][];

  constructor(private readonly network: Network) {
    this.signatures = new Maker(network).leaves.map(({ signature }) => signature);
    this.incoming = network.layers.map(() => []);
    this.outgoing = network.layers.map(() => []);
    for (const connection of network.connections) {
      this.incoming[connection.target]!.push(connection);
      this.outgoing[connection.source]!.push(connection);
    }
  }

  /** The layers of every other place of a group, in order; no layer is in two of them, or in the group itself. */
  matches(group: readonly number[]): number[][] {
    const first = Math.min(...group);
    const inner = this.network.connections.filter(
      ({ source, target }) => group.includes(source) && group.includes(target),
    );
    const taken = new Set(group);
    const found: number[][] = [];
    for (const [start, signature] of this.signatures.entries()) {
      if (group.length < 2 || signature !== this.signatures[first] || taken.has(start)) continue;
      const image = this.image(inner, first, start, group.length);
      if (!image || image.some((layer) => taken.has(layer)) || !this.isClosed(image)) continue;
      for (const layer of image) taken.add(layer);
      found.push(image);
    }
    return found;
  }

  /**
   * Whether a copy of a group is left at one layer, and entered at one or from one. More need not be asked: as its
   * layers lead to the one that is left, no path could leave it and come back.
   */
  private isClosed(group: readonly number[]): boolean {
    const inside = new Set(group);
    const entries = group.map((layer) =>
      this.incoming[layer]!.map(({ source }) => source).filter((source) => !inside.has(source)),
    );
    const exits = group.filter((layer) => this.outgoing[layer]!.some(({ target }) => !inside.has(target)));
    const entered = entries.filter((sources) => sources.length > 0).length;
    return exits.length <= 1 && (entered <= 1 || new Set(entries.flat()).size === 1);
  }

  /** The copy of the group whose first layer is ``start``; null where there is none. */
  private image(inner: readonly Connection[], first: number, start: number, size: number): number[] | null {
    const images = new Map([[first, start]]);
    const waiting = new Set(inner);
    for (let hasGrown = true; hasGrown;) {
      hasGrown = false;
      for (const connection of waiting) {
        if (!images.has(connection.source) && !images.has(connection.target)) continue;
        if (!this.follow(connection, images)) return null;
        waiting.delete(connection);
        hasGrown = true;
      }
    }
    return images.size === size && waiting.size === 0 ? [...images.values()].sort((a, b) => a - b) : null;
  }

  /** Follows a connection of the group in its image, and notes the layer at its other end; false where it is not there. */
  private follow(connection: Connection, images: Map<number, number>): boolean {
    const { source, target, output, input } = connection;
    const [from, to] = [images.get(source), images.get(target)];
    const around = from === undefined ? this.incoming[to!]! : this.outgoing[from]!;
    const used = new Set(images.values());
    const fits = (known: number | undefined, layer: number, image: number): boolean =>
      known === undefined ? !used.has(image) && this.isAlike(layer, image) : known === image;
    const found = around.find(
      (each) =>
        each.output === output &&
        each.input === input &&
        fits(from, source, each.source) &&
        fits(to, target, each.target),
    );
    if (!found) return false;
    images.set(source, found.source);
    images.set(target, found.target);
    return true;
  }

  private isAlike(one: number, other: number): boolean {
    return (
      this.signatures[one] === this.signatures[other] &&
      this.incoming[one]!.length === this.incoming[other]!.length
    );
  }
}
