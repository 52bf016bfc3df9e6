/** Copy what is shown once; the field can be selected and copied by hand without this. */
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = document.getElementById("copy-said");
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = button.dataset.copied;
    } catch {
      said.textContent = button.dataset.failed; // plain http, or the person said no: the text is selected
    }
  });
}
