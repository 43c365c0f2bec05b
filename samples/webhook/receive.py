#!/usr/bin/env python3
"""Receives readings from the gateway's http sink, and keeps each of them once, in an SQLite database.

    READINGS_KEY=at-least-16-characters python3 receive.py 9000 readings.db

Needs nothing but Python 3.9. What it shows is what every receiver has to do: check the signature over the bytes as they came, keep the
messages before answering 2xx, and let one that comes again pass without keeping it twice (message_id).
"""

import hashlib
import hmac
import json
import os
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

MAX_BODY = 4 * 1024 * 1024  # More than the sink's max_body_kilobytes.
MAX_AGE = 300  # Seconds; what is older may be a recording.


def is_genuine(key, header, body, now):
    """Whether the header Gateway-Signature (t=seconds,v1=hex) is that of these bytes, and new."""
    try:
        parts = dict(part.split("=", 1) for part in header.split(","))
        sent_at, signature = int(parts["t"]), parts["v1"]
    except (KeyError, ValueError):
        return False
    expected = hmac.new(key, b"%d." % sent_at + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode()) and abs(now - sent_at) < MAX_AGE


def keep(database, messages):
    """Keeps the messages that are not there yet; when it returns they are on disk."""
    with database:  # One transaction.
        database.executemany(
            "INSERT OR IGNORE INTO readings VALUES (?, ?, ?, ?, ?)",
            [(m["message_id"], m.get("device_id"), m.get("index"), m.get("timestamp"), json.dumps(m)) for m in messages],
        )


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if length > MAX_BODY:
            return self.answer(413)
        body = self.rfile.read(length)
        if not is_genuine(self.server.key, self.headers.get("Gateway-Signature", ""), body, time.time()):
            # 401 says that the key is wrong, and no message is to blame: the gateway keeps them all, and tries again.
            return self.answer(401)
        try:
            messages = json.loads(body)
            keep(self.server.database, messages if isinstance(messages, list) else [messages])
        except (ValueError, KeyError, TypeError, AttributeError):
            return self.answer(400)  # Never to be taken.
        except sqlite3.Error as error:
            print(error, file=sys.stderr)
            return self.answer(503)  # Not now.
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *arguments):
        pass


def main():
    port, path = int(sys.argv[1]), sys.argv[2]
    server = HTTPServer(("127.0.0.1", port), Receiver)
    server.key = os.environ["READINGS_KEY"].encode()
    server.database = sqlite3.connect(path)
    server.database.execute("PRAGMA journal_mode = WAL")
    server.database.execute("CREATE TABLE IF NOT EXISTS readings (message_id TEXT PRIMARY KEY, device_id TEXT, what TEXT, at TEXT, message TEXT)")
    print("listening on http://127.0.0.1:%d" % server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
