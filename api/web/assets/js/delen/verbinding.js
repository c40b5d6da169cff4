// Keeps a socket open to the board's feed: goes on where it was, and says when it can't.
import { heard } from "./tijd.js";

const SILENCE = 25_000; // the server beats every ten seconds
const SLOWEST = 5_000;

/** Numbers of closing from which on coming back is of no use. */
const STOP = 4400;

export class Connection {
  /**
   * `state` tells where we are, `on` hears of each message: it answers whether it could take it.
   * Once `ended` is called nothing more comes.
   */
  constructor({ address, state, on, connected, lost, ended }) {
    Object.assign(this, { address, state, on, connected, lost, ended });
    this.tries = 0;
    this.open();
    addEventListener("online", () => this.retry());
    addEventListener("offline", () => this.socket?.close());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.socket?.readyState !== WebSocket.OPEN) this.retry();
    });
    addEventListener("pagehide", () => this.stop());
    addEventListener("pageshow", ({ persisted }) => persisted && this.resume());
  }

  open() {
    clearTimeout(this.timer);
    const { feed, seq, region } = this.state();
    const url = new URL(this.address, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.search = new URLSearchParams({ regio: region, feed, na: seq });
    const socket = (this.socket = new WebSocket(url));
    let first = true;
    this.listen();
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket) return;
      this.listen();
      const message = JSON.parse(data);
      heard(message.server_time);
      if (first) {
        first = false;
        this.tries = 0;
        this.served = true;
        this.connected(message);
      }
      this.on(message);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.socket) this.closed(code);
    };
  }

  closed(code) {
    clearTimeout(this.silence);
    this.socket = null;
    if (code >= STOP) return this.ended(code);
    this.lost();
    const wait = Math.min(SLOWEST, 250 * 2 ** this.tries++) * (0.5 + Math.random() / 2);
    this.timer = setTimeout(() => this.open(), wait);
  }

  /** Now, rather than when it would be its turn. */
  retry() {
    const state = this.socket?.readyState;
    if (this.stopped || state === WebSocket.OPEN || state === WebSocket.CONNECTING) return;
    this.open();
  }

  listen() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      const { socket } = this;
      if (!socket) return;
      // Closing politely may take as long as the silence did.
      socket.onclose = socket.onmessage = null;
      socket.close();
      this.closed(1006);
    }, SILENCE);
  }

  /** Begins again from the present state, without anybody having been away. */
  renew() {
    this.drop();
    this.open();
  }

  drop() {
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  stop() {
    this.stopped = true;
    this.drop();
  }

  resume() {
    this.stopped = false;
    this.open();
  }
}
