//! The page's own typefaces, as far as a picture uses them, written into it.

use std::fmt::Write as _;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Window;

use super::text::Written;

const FILES: &str = "./web/fonts/atkinson-hyperlegible";

/// The rules that embed the typefaces with which `written` was set.
///
/// # Errors
///
/// What the browser said when a file cannot be fetched.
pub(super) async fn style(window: &Window, written: &Written) -> Result<String, JsValue> {
    let mut out = String::new();
    for (family, file, latin, beyond) in [
        ("Vitrine Text", "next", written.text, written.text_beyond),
        ("Vitrine Mono", "mono", written.mono, written.mono_beyond),
    ] {
        for (wanted, part, range) in [
            (latin, "latin", "U+0-FF,U+2000-206F,U+20AC,U+2122,U+2212"),
            (beyond, "latin-ext", "U+100-2BA,U+1E00-1EFF"),
        ] {
            if wanted {
                let bytes =
                    fetch(window, &format!("{FILES}-{file}-{part}-wght-normal.woff2")).await?;
                let _ = write!(
                    out,
                    "@font-face{{font-family:\"{family}\";font-weight:200 800;src:url(data:font/woff2;base64,{}) format(\"woff2\");unicode-range:{range}}}",
                    base64(&bytes)
                );
            }
        }
    }
    Ok(out)
}

async fn fetch(window: &Window, address: &str) -> Result<Vec<u8>, JsValue> {
    let response: web_sys::Response = JsFuture::from(window.fetch_with_str(address))
        .await?
        .dyn_into()?;
    if !response.ok() {
        let words = format!("{address}: {}", response.status());
        return Err(JsValue::from_str(&words));
    }
    let buffer = JsFuture::from(response.array_buffer()?).await?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit <= chunk.len() {
                let index = bits >> (18 - 6 * digit) & 63;
                out.push(char::from(DIGITS[index as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    /// The examples of RFC 4648 §10.
    #[test]
    fn bytes_become_base64() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xff, 0xef]), "/+8=");
    }
}
