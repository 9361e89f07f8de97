/** Handing a file to the reader: to disk, or to the clipboard. */

/** How long a browser may take to begin reading the file, in ms. */
const READ = 60_000;

export function save(parts: readonly BlobPart[], type: string, name: string): void {
  const url = URL.createObjectURL(new Blob([...parts], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), READ);
}

/** Whether this browser, on this page, takes images into the clipboard; it needs a secure address. */
export function canCopyImages(): boolean {
  return typeof ClipboardItem === "function" && typeof navigator.clipboard?.write === "function";
}

/** The image may be promised only: some browsers ask for the clipboard in the moment of the click. */
export async function copyImage(image: Promise<Blob>): Promise<void> {
  await navigator.clipboard.write([new ClipboardItem({ "image/png": image })]);
}
