import { useEffect, useState } from 'react';

/** True once `active` has lasted 300 ms: what is quick never shows that it was waited for. */
export function useDelayed(active: boolean): boolean {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!active) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), 300);
    return () => clearTimeout(timer);
  }, [active]);
  return active && shown;
}
