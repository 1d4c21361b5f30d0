# SPDX-License-Identifier: MIT
"""A client of the front end http for the conformance kit: what to do is its argument, where and with which
statement its environment. Prints what it is told when it is refused, and exits with 1."""
import os
import socket
import sys
import time
import urllib.error
import urllib.request

ADDRESS = os.environ["IGLOO_ADDRESS"]
TOKEN = os.environ.get("IGLOO_TOKEN", "")


def ask(method, path, body=None, token=TOKEN):
    head = {"Content-Type": "application/sql", "X-Igloo-Query-Id": os.environ["IGLOO_QUERY_ID"],
            "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"http://{ADDRESS}{path}", body, head, method=method)
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=40)


def execute(token=TOKEN):
    with ask("POST", "/v1/statement?format=arrow", os.environ["IGLOO_SQL"].encode(), token) as answer:
        with open(os.environ["IGLOO_RESULT"], "wb") as out:
            while chunk := answer.read(1 << 16):
                out.write(chunk)


def stranger():
    execute("not " + TOKEN)


def cancel():
    ask("DELETE", f"/v1/statement/{os.environ['IGLOO_QUERY_ID']}").close()


def slow():
    """Sends the statement and reads nothing."""
    host, port = ADDRESS.rsplit(":", 1)
    body = os.environ["IGLOO_SQL"].encode()
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            f"POST /v1/statement?format=arrow HTTP/1.1\r\nHost: {ADDRESS}\r\nAuthorization: Bearer {TOKEN}\r\n"
            f"Content-Type: application/sql\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        time.sleep(3)


if __name__ == "__main__":
    try:
        {"execute": execute, "stranger": stranger, "cancel": cancel, "slow": slow}[sys.argv[1]]()
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode())
        sys.exit(1)
    except OSError as error:
        print(error)
        sys.exit(1)
