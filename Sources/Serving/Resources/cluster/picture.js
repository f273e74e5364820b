// The cluster as a value: a whole picture at first, then changes. Pure.

/**
 * The picture after `change`, which may hold only what has changed: its members replace those of `before`, and of a
 * stage
 * those of the stage with the same address.
 *
 * @returns {object | null} null if the change speaks of stages that `before` does not have, so that it cannot be a
 * picture
 */
export function merged(before, change) {
  const known = new Map((before?.stages ?? []).map((stage) => [stage.url, stage]));
  const stages = (change.stages ?? before?.stages ?? []).map((stage) => ({ ...known.get(stage.url), ...stage }));
  if (stages.some((stage) => stage.layer_count === undefined)) return null;
  return { ...before, ...change, stages };
}

/** What a cluster that is still starting does, as a sentence without its end; null once it has started. */
export function startOf(snapshot) {
  const words = snapshot?.starting?.words;
  return words ? `The cluster is starting: ${words}` : null;
}
