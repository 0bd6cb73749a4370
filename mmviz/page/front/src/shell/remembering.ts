// The session in the address: written a moment after it has changed, and kept for the way back before it does.
import { fragmentOf, type Session } from "./link";

const SETTLED = 300; // milliseconds after which a session that has changed stands in the address

// Where the session stands besides: the address of a page. A widget has none.
export interface Address {
  read(): string; // the fragment
  write(fragment: string): void;
  remember(fragment: string): void; // there is a way back to what was
  changed(act: () => void): void; // somebody else has written to it
}

export class Remembering {
  readonly #address: Address | null;
  readonly #session: () => Session;
  #settling = 0;

  // restore: told the fragment that somebody else has written
  constructor(address: Address | null, session: () => Session, restore: (fragment: string) => void) {
    this.#address = address;
    this.#session = session;
    address?.changed(() => {
      const fragment = address.read();
      if (fragment !== fragmentOf(session())) restore(fragment);
    });
  }

  // What was is kept for the way back.
  remember(): void {
    this.#address?.remember(fragmentOf(this.#session()));
  }

  // It has changed; while it plays, the address waits.
  settle(): void {
    this.stop();
    this.#settling = window.setTimeout(() => {
      const session = this.#session();
      if (session.playing) this.settle();
      else this.#address?.write(fragmentOf(session));
    }, SETTLED);
  }

  stop(): void {
    window.clearTimeout(this.#settling);
  }
}
