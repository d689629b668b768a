/** Whether it is on the clipboard now. A browser that forbids it, as in some frames, leaves the copying to the reader. */
export async function isCopied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
