import type { VNode } from "preact";
import { shownTime } from "./days.ts";
import type { CardProps } from "./pane.tsx";

/** The newest notifications, and how many are unread. */
export function Inbox({ partner, state }: CardProps): VNode {
  const { unread } = state.dashboard;
  return (
    <section class="card inbox">
      <h3>
        Inbox{" "}
        {unread > 0 && (
          <span class="count" data-unread={unread}>
            {unread}
            <span class="sr"> unread</span>
          </span>
        )}
      </h3>
      {state.inbox.length === 0 && <p class="quiet">Nothing here.</p>}
      <ul class="list">
        {state.inbox.map((item) => (
          <li key={item.id} class={item.isRead ? "read" : "unread"}>
            <div>
              <strong>{item.title}</strong>
              <span class="quiet">{item.message}</span>
            </div>
          </li>
        ))}
      </ul>
      {unread > 0 && (
        <button type="button" class="small" onClick={() => void partner.command("inbox.mark_all_read")}>
          Mark all as read
        </button>
      )}
    </section>
  );
}

/** Events as they arrive over the socket. */
export function Feed({ state }: CardProps): VNode {
  const zone = state.dashboard.profile.members.find(({ userId }) => userId === state.userId)?.timezone ?? "UTC";
  return (
    <section class="card feed">
      <h3>Live</h3>
      {state.feed.length === 0 && <p class="quiet">News appear here the moment they happen, on both sides.</p>}
      <ol aria-live="polite">
        {state.feed.map((item) => (
          <li key={item.key} class={item.actorId === state.userId ? "mine" : "theirs"}>
            <time dateTime={new Date(item.at).toISOString()}>{shownTime(item.at, zone)}</time>
            <span>{item.text}</span>
            {item.own && <span class="quiet">only you</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
