import type { TargetedEvent, TargetedSubmitEvent, VNode } from "preact";
import { useState } from "preact/hooks";
import { shownDay } from "./days.ts";
import type { CardProps } from "./pane.tsx";

const TYPES = "image/jpeg,image/png,image/webp,image/heic";

/** The newest photos and notes as a strip, and a line to add one. */
export function Keepsakes({ partner, state }: CardProps): VNode {
  const { notes, photos, dashboard } = state;
  const nameOf = (userId: string): string => (userId === state.userId ? "Me" : partner.nameOf(userId));
  return (
    <section class="card keepsakes">
      <h3>Kept</h3>
      <div class="strip" tabIndex={0} role="group" aria-label="Photos and notes, newest first">
        {photos.map((photo) => (
          <figure key={photo.id} data-photo={photo.id}>
            <img src={photo.path} alt={photo.caption ?? "A photo without a caption"} loading="lazy" />
            <figcaption>
              {photo.caption} <Author name={nameOf(photo.createdBy)} isPrivate={photo.isPrivate} />
            </figcaption>
          </figure>
        ))}
        {notes.map((note) => (
          <article key={note.id} class={note.createdBy === state.userId ? "mine" : "theirs"} data-note={note.id}>
            <h4>{note.title ?? shownDay(note.date)}</h4>
            <p>{note.body}</p>
            <Author name={nameOf(note.createdBy)} isPrivate={note.isPrivate} />
          </article>
        ))}
      </div>
      {notes.length + photos.length === 0 && <p class="quiet">Nothing yet.</p>}
      <KeepForm partner={partner} canWrite={dashboard.profile.capabilities.includes("write")} />
    </section>
  );
}

function Author({ name, isPrivate }: { name: string; isPrivate: boolean }): VNode {
  return <span class="quiet">{isPrivate ? "only you" : name}</span>;
}

function KeepForm({ partner, canWrite }: Pick<CardProps, "partner"> & { canWrite: boolean }): VNode {
  const [body, setBody] = useState("");
  const [isPrivate, setPrivate] = useState(false);
  const write = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (await partner.command("notes.write", { body, private: isPrivate })) setBody("");
  };
  const add = async ({ currentTarget }: TargetedEvent<HTMLInputElement>): Promise<void> => {
    const [file] = currentTarget.files ?? [];
    if (file !== undefined) await partner.addPhoto(file);
    currentTarget.value = "";
  };
  return (
    <form class="keep" onSubmit={(event) => void write(event)}>
      <input
        name="note"
        required
        maxLength={5_000}
        placeholder="Write a note"
        aria-label="Note"
        value={body}
        onInput={(event) => setBody(event.currentTarget.value)}
      />
      <label class="check">
        <input type="checkbox" checked={isPrivate} onChange={(event) => setPrivate(event.currentTarget.checked)} />
        only for me
      </label>
      <button type="submit">Keep</button>
      <label class={`button small file ${canWrite ? "" : "off"}`}>
        Add a photo
        <input class="sr" type="file" accept={TYPES} onChange={(event) => void add(event)} />
      </label>
    </form>
  );
}
