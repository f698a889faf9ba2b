/** A window for the identity provider, until it has gone there. */
export interface ProviderWindow {
  /** Whether the person closed it; says nothing once it has gone to the provider. */
  isClosed(): boolean;
  goTo(url: string): void;
  close(): void;
}

const WIDTH = 520;
const HEIGHT = 720;

/**
 * Opens an empty window; null when the browser blocks it. To be called in the very event of a click:
 * once anything was awaited, the browser no longer takes it for the person's wish.
 *
 * When the window goes to the provider, `Cross-Origin-Opener-Policy` cuts it off: it then looks
 * closed and cannot be closed from here. How it comes back is the channel's work.
 */
export function openProviderWindow(): ProviderWindow | null {
  const left = Math.round(globalThis.screenX + (globalThis.outerWidth - WIDTH) / 2);
  const top = Math.round(globalThis.screenY + (globalThis.outerHeight - HEIGHT) / 2);
  const features = `popup,width=${WIDTH},height=${HEIGHT},left=${left},top=${top}`;
  const opened = globalThis.open('about:blank', '_blank', features);
  if (opened === null || opened.closed) return null;
  return {
    isClosed: () => opened.closed,
    goTo: (url) => opened.location.replace(url),
    close: () => opened.close(),
  };
}
