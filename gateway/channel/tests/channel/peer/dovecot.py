"""A mail server's IMAP side (Dovecot), with one mailbox: prints its port, then takes orders, as lines of JSON.

    dovecot.py FOLDER plain|starttls|tls USER PASSWORD [CERT KEY]

    {"deliver": "a whole mail", "as": "base64"?}   it arrives; says how the mailbox stands
    {"stop": true}, {"start": true}                 it goes away, and comes back at the same port
    {"look": true}                                  says how the mailbox stands: mails that are new, that are read
"""

import base64
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

folder, mode, user, password, *files = sys.argv[1:]
folder = pathlib.Path(folder)
is_root = os.getuid() == 0
# Dovecot opens no mailbox for root.
run_as = {"user": "nobody", "group": "nogroup", "extra_groups": []} if is_root else {}
who = "nobody" if is_root else subprocess.check_output(["id", "-un"], text=True).strip()
group = "nogroup" if is_root else subprocess.check_output(["id", "-gn"], text=True).strip()

with socket.socket() as held:
    held.bind(("127.0.0.1", 0))
    port = held.getsockname()[1]

ssl = "ssl = no"
if files:
    for name, file in zip(("cert", "key"), files):
        shutil.copy(file, folder / name)
    ssl = f"ssl = {'required' if mode == 'starttls' else 'yes'}\nssl_cert = <{folder}/cert\nssl_key = <{folder}/key"
listener = "imaps" if mode == "tls" else "imap"
other = "imap" if mode == "tls" else "imaps"

(folder / "conf").write_text(
    f"""
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {who}
default_internal_group = {group}
default_login_user = {who}
first_valid_uid = 1
mail_location = maildir:{folder}/mails
disable_plaintext_auth = no
{ssl}
passdb {{
  driver = static
  args = password={password} user={user}
}}
userdb {{
  driver = static
  args = uid={who} gid={group} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener {listener} {{
    port = {port}
    {"ssl = yes" if mode == "tls" else ""}
  }}
  inet_listener {other} {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""
)
for part in ("new", "cur", "tmp"):
    (folder / "mails" / part).mkdir(parents=True)
if is_root:
    for path in [folder, *folder.rglob("*")]:
        shutil.chown(path, "nobody", "nogroup")


def emit(what):
    print(json.dumps(what), flush=True)


def with_us():
    # It ends when this program does, however that ends: PR_SET_PDEATHSIG.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def start():
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    started = subprocess.Popen(
        ["dovecot", "-F", "-c", str(folder / "conf")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=env,
        preexec_fn=with_us,
        **run_as,
    )
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return started
        except OSError:
            if started.poll() is not None:
                log = folder / "log"
                sys.exit(f"Dovecot (dovecot-imapd) does not start: {log.exists() and log.read_text()}")
            time.sleep(0.02)


def stop():
    server.terminate()
    server.wait()


def look():
    mails = [path.name for part in ("new", "cur") for path in (folder / "mails" / part).iterdir()]
    read = [name for name in mails if "S" in name.partition(":2,")[2]]
    emit({"new": len(mails) - len(read), "read": len(read)})


count = 0
server = start()
emit({"port": port})
for line in sys.stdin:
    order = json.loads(line)
    if "deliver" in order:
        count += 1
        mail = order["deliver"]
        mail = base64.b64decode(mail) if order.get("as") == "base64" else mail.encode()
        path = folder / "mails" / "tmp" / f"{int(time.time())}.{count}.here"
        path.write_bytes(mail.replace(b"\r\n", b"\n"))
        if is_root:
            shutil.chown(path, "nobody", "nogroup")
        path.rename(folder / "mails" / "new" / path.name)
    elif "stop" in order:
        stop()
    elif "start" in order:
        server = start()
    look()
stop()
