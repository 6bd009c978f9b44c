//! How large an element is.

use wasm_bindgen::prelude::*;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// The inner width and height of the element in CSS pixels, now and from now on; zero before it is
/// drawn.
#[hook]
pub(crate) fn use_size(node: &NodeRef) -> (f64, f64) {
    let size = use_state_eq(|| (0.0, 0.0));
    {
        let node = node.clone();
        let size = size.clone();
        use_effect_with(node.clone(), move |_| {
            let element = node.cast::<Element>();
            let measure = {
                let element = element.clone();
                Closure::<dyn FnMut()>::new(move || {
                    if let Some(element) = &element {
                        size.set((
                            f64::from(element.client_width()),
                            f64::from(element.client_height()),
                        ));
                    }
                })
            };
            let observer = ResizeObserver::new(measure.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, &element) {
                observer.observe(element);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(measure);
            }
        });
    }
    *size
}
