//! The least of an HTTP/1.1 client: one kept-alive connection, one request at a time, whole bodies with a length. It
//! shares the cores with the server it measures, so it must cost little.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Of the last answer: where its body lies in the buffer.
    body: std::ops::Range<usize>,
}

/// A whole request, ready to be sent.
pub fn request(method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n");
    if !body.is_empty() {
        text.push_str("content-type: application/json\r\n");
    }
    if method != "GET" {
        text.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(32 * 1024), body: 0..0 })
    }

    /// The status; the body is in [`body`](Self::body) until the next request.
    pub async fn send(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            self.fill().await?;
            // An interim answer is none; this client never asks for one.
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
        };
        let (status, length) = parse_head(&self.buffer[..head])?;
        while self.buffer.len() < head + length {
            self.fill().await?;
        }
        ensure!(self.buffer.len() == head + length, "the answer is longer than it says");
        self.body = head..head + length;
        Ok(status)
    }

    /// Sends, and takes any status but the expected one for a failure: a benchmark with errors is none.
    pub async fn expect(&mut self, request: &[u8], status: u16) -> Result<&[u8]> {
        let answered = self.send(request).await?;
        if answered != status {
            let asked = String::from_utf8_lossy(request.split(|&byte| byte == b'\r').next().unwrap_or_default());
            bail!("{asked}: {answered} instead of {status}: {}", String::from_utf8_lossy(self.body()));
        }
        Ok(self.body())
    }

    pub fn body(&self) -> &[u8] {
        &self.buffer[self.body.clone()]
    }

    async fn fill(&mut self) -> Result<()> {
        let read = self.stream.read_buf(&mut self.buffer).await?;
        ensure!(read > 0, "the server closed the connection");
        Ok(())
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// Status and length of the body.
fn parse_head(head: &[u8]) -> Result<(u16, usize)> {
    let head = std::str::from_utf8(head).context("the head of the answer is not text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let status: u16 = status.context("the answer has no status")?;
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            return Ok((status, value.trim().parse()?));
        }
        ensure!(!name.eq_ignore_ascii_case("transfer-encoding"), "chunked answers are not read here");
    }
    Ok((status, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads() {
        let read = |head: &str| parse_head(head.as_bytes());
        assert_eq!(read("HTTP/1.1 201 Created\r\nContent-Length: 12\r\n\r\n").unwrap(), (201, 12));
        assert_eq!(read("HTTP/1.1 204 No Content\r\n\r\n").unwrap(), (204, 0));
        assert!(read("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(read("nonsense\r\n\r\n").is_err());
    }
}
