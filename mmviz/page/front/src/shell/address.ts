// The address of a page, which says what is seen: written while nothing moves, so that a copied link opens the same.
import type { Address } from "./remembering";

export class PageAddress implements Address {
  read(): string {
    return location.hash.replace(/^#/, "");
  }

  write(fragment: string): void {
    this.#put(fragment, "replaceState");
  }

  remember(fragment: string): void {
    this.#put(fragment, "replaceState");
    this.#put(fragment, "pushState");
  }

  changed(act: () => void): void {
    window.addEventListener("popstate", act);
    window.addEventListener("hashchange", act);
  }

  #put(fragment: string, way: "replaceState" | "pushState"): void {
    try {
      history[way](null, "", fragment ? `#${fragment}` : location.pathname + location.search);
    } catch {
      // a frame in another page has no address of its own to write to
    }
  }
}
