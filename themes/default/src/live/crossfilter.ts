/** A cross-filter of which several clauses can change at once, with no state between that a view would be asked for. */
import { Selection, type SelectionClause } from "@uwdata/mosaic-core";

export class CrossFilter extends Selection {
  /** Who speaks for several sources; as it is none of the views, none is left out of what they change together. */
  private readonly several = {};

  constructor() {
    super(Selection.crossfilter().resolver);
  }

  /** Takes on all clauses, then tells the views once. */
  updateAll(clauses: readonly SelectionClause[]): void {
    if (clauses.length === 1) this.update(clauses[0]!);
    else this.begin(clauses);
  }

  /** The same for views that have asked nothing yet: the one that selected last is asked like the others. */
  begin(clauses: readonly SelectionClause[]): void {
    if (clauses.length === 0) return;
    for (const clause of clauses) this._resolved = this.resolver.resolve(this._resolved, clause);
    this.update({ source: this.several, fields: [], value: null, predicate: null });
  }
}
