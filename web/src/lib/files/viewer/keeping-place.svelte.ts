/**
 * Keeps what is in the middle of a place in its middle, while what it holds grows and shrinks by `zoom`. Pages begin at
 * their `top`, a picture is seen from its `middle`.
 */
export function keepingPlace(zoom: () => number, from: 'top' | 'middle') {
  return (place: HTMLElement) => {
    let middle = { x: 0.5, y: from === 'top' ? 0 : 0.5 };
    let drawn: number | null = null;
    const remember = () => {
      middle = {
        x: (place.scrollLeft + place.clientWidth / 2) / place.scrollWidth,
        y: (place.scrollTop + place.clientHeight / 2) / place.scrollHeight,
      };
    };
    place.addEventListener('scroll', remember, { passive: true });
    $effect(() => {
      const wanted = zoom();
      const hasChanged = drawn !== null && drawn !== wanted;
      drawn = wanted;
      if (!hasChanged) return;
      place.scrollTo(
        middle.x * place.scrollWidth - place.clientWidth / 2,
        middle.y * place.scrollHeight - place.clientHeight / 2,
      );
    });
    return () => place.removeEventListener('scroll', remember);
  };
}
