/** What a page says of itself as a whole, above all else in it; the reason is for who can mend it. */
export function showNotice(text: string, reason: string, ...actions: readonly HTMLElement[]): void {
  const detail = document.createElement("code");
  detail.textContent = reason;
  const notice = document.createElement("p");
  notice.className = "page-notice";
  notice.setAttribute("role", "alert");
  notice.append(text, detail, ...actions);
  document.querySelector("main")?.prepend(notice);
}
