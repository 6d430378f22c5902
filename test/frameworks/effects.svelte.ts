/** Runs an effect as a component would, until the returned function is called. */
export function runEffect(effect: () => void): () => void {
  return $effect.root(() => {
    $effect(effect);
  });
}
