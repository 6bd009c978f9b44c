// Starts the page: first what the page's scripts offer (`window.vitrine`), then the Rust module and its `main`, which
// finds it there. Served as /ui/start.js.
import '../web/boot.js';
import init from './vitrine-ui.js';

init().catch((error) => {
  // Without the module there is no page to say it in, so say it in the document itself.
  const note = document.createElement('p');
  note.setAttribute('role', 'alert');
  note.textContent = `Vitrine could not start: ${error}. Reload the page; a current Chromium, Firefox or Safari is needed.`;
  document.body.append(note);
  throw error;
});
