/** What one tab tells the others about the session they share. */
export type SessionNews = 'extended' | 'signed-in' | 'signed-out';

export interface SessionChannel {
  tell(news: SessionNews): void;
  close(): void;
}

const CHANNEL = 'countersign.session';
const NEWS: readonly unknown[] = ['extended', 'signed-in', 'signed-out'] satisfies SessionNews[];

/**
 * Opens the channel between the tabs of this origin. News is a reason to ask the server, or to forget;
 * nothing is believed on its word. Without the browser's support each tab finds out by itself, later.
 */
export function openSessionChannel(listener: (news: SessionNews) => void): SessionChannel {
  if (typeof BroadcastChannel === 'undefined') {
    return { tell: () => undefined, close: () => undefined };
  }
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (NEWS.includes(data)) listener(data as SessionNews);
  };
  return { tell: (news) => channel.postMessage(news), close: () => channel.close() };
}
