use std::io::{Cursor, Read};

use super::request::{self, Request};
use super::*;

/// A folder that is removed again.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("vitrine-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(dir.join("dist/ui")).unwrap();
        std::fs::write(dir.join("secret.txt"), "secret").unwrap();
        std::fs::write(dir.join("dist/index.html"), "<p>").unwrap();
        std::fs::write(dir.join("dist/.hidden"), "hidden").unwrap();
        std::fs::write(dir.join("dist/ui/a b.wasm"), b"\0asm").unwrap();
        Self(dir)
    }

    fn dist(&self) -> PathBuf {
        self.0.join("dist").canonicalize().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn parse(text: &str) -> io::Result<Option<Request>> {
    request::read(&mut Cursor::new(text.as_bytes()))
}

#[test]
fn paths_find_files() {
    let folder = Folder::new("paths");
    let dist = folder.dist();
    assert_eq!(locate(&dist, "/"), Some(dist.join("index.html")));
    assert_eq!(locate(&dist, "/index.html"), Some(dist.join("index.html")));
    assert_eq!(
        locate(&dist, "/ui/a%20b.wasm"),
        Some(dist.join("ui/a b.wasm"))
    );
    assert_eq!(locate(&dist, "/ui"), None);
    assert_eq!(locate(&dist, "/missing"), None);
}

#[test]
fn no_path_leaves_the_folder() {
    let folder = Folder::new("traversal");
    let dist = folder.dist();
    let tries = [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/ui/../../secret.txt",
        "/..%2fsecret.txt",
        "/..\\secret.txt",
        "//etc/passwd",
        "/.hidden",
        "/index.html%00",
        "/%zz",
        "/%",
        "index.html",
        "",
    ];
    for path in tries {
        assert_eq!(locate(&dist, path), None, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_leads_nowhere() {
    let folder = Folder::new("link");
    let dist = folder.dist();
    std::os::unix::fs::symlink(folder.0.join("secret.txt"), dist.join("link.txt")).unwrap();
    assert_eq!(locate(&dist, "/link.txt"), None);
}

#[test]
fn requests_are_read_one_after_the_other() {
    let text = "GET /a?b=c HTTP/1.1\r\nIf-None-Match: \"1\"\r\n\r\nHEAD /b HTTP/1.1\r\nConnection: close\r\n\r\n";
    let mut from = Cursor::new(text.as_bytes());
    let first = request::read(&mut from).unwrap().unwrap();
    assert_eq!(
        (first.path.as_str(), first.known.as_deref(), first.close),
        ("/a", Some("\"1\""), false)
    );
    let second = request::read(&mut from).unwrap().unwrap();
    assert_eq!(
        (second.method.as_str(), second.path.as_str(), second.close),
        ("HEAD", "/b", true)
    );
    assert_eq!(request::read(&mut from).unwrap(), None);
}

#[test]
fn what_is_not_http_is_refused() {
    for text in [
        "GET /\r\n\r\n",
        "GET / FTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nno header\r\n\r\n",
        "GET / HTTP/1.1\r\n",
    ] {
        assert!(parse(text).is_err(), "{text:?}");
    }
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    assert!(parse(&long).is_err());
}

#[test]
fn files_have_their_type() {
    for (file, wanted) in [
        ("a.wasm", "application/wasm"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.html", "text/html; charset=utf-8"),
        ("a.woff2", "font/woff2"),
        ("a", "application/octet-stream"),
    ] {
        assert_eq!(response::media_type(Path::new(file)), wanted, "{file}");
    }
}

fn ask(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(server: &Server, path: &str, header: &str) -> String {
    ask(
        server,
        &format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{header}\r\n"),
    )
}

#[test]
fn a_file_is_served_once_and_then_known() {
    let folder = Folder::new("served");
    let server = Server::start(&folder.dist(), "127.0.0.1", 0).unwrap();
    let answer = get(&server, "/", "");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(
        answer.contains("Content-Type: text/html; charset=utf-8\r\n"),
        "{answer}"
    );
    assert!(answer.contains("Cache-Control: no-cache\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n<p>"), "{answer}");
    let tag = answer
        .lines()
        .find_map(|line| line.strip_prefix("ETag: "))
        .unwrap();
    let again = get(&server, "/", &format!("If-None-Match: {tag}\r\n"));
    assert!(again.starts_with("HTTP/1.1 304 "), "{again}");
    assert!(again.ends_with("\r\n\r\n"), "{again}");
}

#[test]
fn the_rest_is_refused() {
    let folder = Folder::new("refused");
    let server = Server::start(&folder.dist(), "127.0.0.1", 0).unwrap();
    assert!(get(&server, "/../secret.txt", "").starts_with("HTTP/1.1 404 "));
    let post = ask(&server, "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
    assert!(post.starts_with("HTTP/1.1 405 "), "{post}");
    assert!(ask(&server, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    let head = ask(&server, "HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(
        head.contains("Content-Length: 3\r\n") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
}

#[test]
fn what_listens_everywhere_is_opened_at_this_machine() {
    let folder = Folder::new("everywhere");
    let server = Server::start(&folder.dist(), "0.0.0.0", 0).unwrap();
    assert!(server.url().starts_with("http://127.0.0.1:"));
    assert!(!server.is_local());
    // A machine in no network has no address to tell.
    if let Some(url) = server.url_elsewhere() {
        let address: SocketAddr = url[7..].trim_end_matches('/').parse().unwrap();
        assert!(!address.ip().is_unspecified() && !address.ip().is_loopback());
        assert!(TcpStream::connect(address).is_ok(), "{url}");
    }
    let local = Server::start(&folder.dist(), "127.0.0.1", 0).unwrap();
    assert_eq!(local.url_elsewhere(), None);
}
