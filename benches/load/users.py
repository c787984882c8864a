"""The users of the bench: each is the documented one (an e-mail address, an account list) under ids of his own."""

import base64
import hashlib
import hmac
import json
import subprocess
import time

from servers import SECRET

PLACES = 5


def template(program, folder):
    """The line of an export of one user, and the ids in it."""
    database = f"{folder}/template.db"
    steward = [program, "--database-url", database, "--log", "warn"]
    add = ["user", "add", "--first-name", "Rey", "--email", "rey@example.com", "--account-list", "Rey"]
    add += ["--time-zone", "Auckland", "--locale", "en"]
    subprocess.run([*steward, *add], check=True, capture_output=True)
    line = subprocess.run([*steward, "export"], check=True, capture_output=True, text=True).stdout
    document = json.loads(line)
    data, ids = document["data"], []
    ids.append(data["id"])
    ids.append(data["relationships"]["master_person"]["data"]["id"])
    ids += [row["id"] for row in document["included"]]
    ids = list(dict.fromkeys(ids))
    assert len(ids) <= PLACES and all(one in line for one in ids), ids
    return line, ids


def user_id(number):
    return identifier(number, 0)


def identifier(number, place):
    """A made-up UUID that is spread like a random one."""
    digest = hashlib.blake2b(f"{number}/{place}".encode(), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:]}"


def lines(template, count):
    """In the order of their ids, as an export has them."""
    line, ids = template
    for number in sorted(range(count), key=user_id):
        made = line
        for place, one in enumerate(ids):
            made = made.replace(one, identifier(number, place))
        yield made


def fill(program, url, template, count):
    """Imports so many users, made on the way."""
    command = [program, "--database-url", url, "--log", "warn", "import", "-"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdin.writelines(lines(template, count))
    process.stdin.close()
    summary = json.loads(process.stdout.read())
    assert process.wait() == 0 and summary["created"] == count, summary


def write_lines(path, template, count):
    with open(path, "w") as file:
        file.writelines(lines(template, count))


def token(number):
    encoded = lambda value: base64.urlsafe_b64encode(value).rstrip(b"=")
    now = int(time.time())
    claims = {"user_id": user_id(number), "iat": now, "exp": now + 7 * 24 * 60 * 60}
    signed = encoded(b'{"alg":"HS256"}') + b"." + encoded(json.dumps(claims).encode())
    signature = hmac.digest(SECRET.encode(), signed, "sha256")
    return (signed + b"." + encoded(signature)).decode()


def write_tokens(path, numbers, tag):
    """A line per user for wrk; `tag` tells the entity tag that his document has."""
    with open(path, "w") as file:
        for number in numbers:
            made = token(number)
            file.write(f"{made}\t{tag(made)}\n")
