// The one place that hears of a session's end, whichever page or form was told of it by the gateway.

/** Asks whoever sits there to sign in again: true once the same person is back. */
type AskAgain = () => Promise<boolean>;

let askAgain: AskAgain | null = null;

/** Links carry their own right to be asked, and signing in is no use of a session. */
const WITHOUT_SESSION = /^\/api\/v1\/(answer|roll-call|invitation|receipt)\/|^\/api\/v1\/session$/;

/** What is told of it from now on; what it returns ends that. */
export function whenSessionEnds(ask: AskAgain): () => void {
  askAgain = ask;
  return () => {
    if (askAgain === ask) askAgain = null;
  };
}

/** The gateway answered 401. Whether the same person is signed in again, for as long as that takes. */
export function sessionEnded(path: string): Promise<boolean> {
  if (askAgain === null || WITHOUT_SESSION.test(path)) return Promise.resolve(false);
  return askAgain();
}
