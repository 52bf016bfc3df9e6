/** Buttons that copy what a field shows; where the clipboard is not allowed (plain http), the field is selected. */
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      return; // selected: the keyboard copies it
    }
    button.textContent = button.dataset.copied;
  });
}
