/**
 * The stream of events for one user, reopened whenever it ends.
 * @module core/events
 */

/** Seconds between attempts to reconnect, the last one repeated. */
const PAUSES = [0.25, 0.5, 1, 2];

/**
 * Open the event stream of a user.
 * @param {string} user id
 * @param {object} handlers
 * @param {(type: string, data: any) => void} handlers.onEvent one event
 * @param {(connected: boolean) => void} handlers.onConnection the line went up or down
 * @returns {() => void} closes the stream for good
 */
export function openEvents(user, { onEvent, onConnection }) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const address = `${scheme}//${location.host}/client/events?user=${encodeURIComponent(user)}`;
  let socket = /** @type {WebSocket|null} */ (null);
  let timer = 0;
  let failures = 0;
  let closed = false;

  const connect = () => {
    socket = new WebSocket(address);
    socket.addEventListener("open", () => {
      failures = 0;
      onConnection(true);
    });
    socket.addEventListener("message", (event) => {
      const frame = JSON.parse(event.data);
      if (!closed) onEvent(frame.t, frame.d);
    });
    socket.addEventListener("close", () => {
      if (closed) return;
      onConnection(false);
      timer = setTimeout(connect, 1000 * PAUSES[Math.min(failures, PAUSES.length - 1)]);
      failures += 1;
    });
  };

  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    socket?.close();
  };
}
