//! Dialogs over the page.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

/// The place for a `<dialog>`, which is open for as long as its component stands. It is modal: the focus stays within,
/// and goes back to where it was.
#[hook]
pub(crate) fn use_modal() -> NodeRef {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            let dialog = dialog.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                let _ = dialog.show_modal();
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    dialog
}
