"""An admin's app made of matrix-nio: another implementation of the protocol and of the encryption. A JSON line in for each command, one out
for each answer and each event, as js-client-process.mjs has them. nio knows no cross-signing: another app of the same person signs this device.
"""

import asyncio
import json
import logging
import os
import sys
import tempfile
import time

from nio import AsyncClient, AsyncClientConfig, Event, InviteMemberEvent, MegolmEvent
from nio.exceptions import EncryptionError
from nio.responses import ErrorResponse

# What cannot be read is told as an event.
logging.disable(logging.CRITICAL)

SYNC = 10_000  # ms that the server may hold a sync


def tell(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def checked(response):
    if isinstance(response, ErrorResponse):
        raise RuntimeError(str(response))
    return response


class App:
    def __init__(self, folder):
        self.folder = folder
        self.undecrypted = {}

    async def login(self, url, user, password):
        config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False)
        self.nio = AsyncClient(url, user, store_path=self.folder, config=config)
        checked(await self.nio.login(password, device_name="nio"))
        self.nio.add_event_callback(self.on_event, Event)
        self.nio.add_event_callback(self.on_invite, InviteMemberEvent)
        checked(await self.nio.sync(timeout=0, full_state=True))
        if self.nio.should_upload_keys:
            checked(await self.nio.keys_upload())
        self.loop = asyncio.create_task(self.sync())
        return {"userId": self.nio.user_id, "deviceId": self.nio.device_id, "token": self.nio.access_token}

    async def sync(self):
        while True:
            try:
                checked(await self.nio.sync(timeout=SYNC))
                if self.nio.should_upload_keys:
                    await self.nio.keys_upload()
                if self.nio.should_query_keys:
                    await self.nio.keys_query()
                await self.nio.send_to_device_messages()
                self.try_again()
            except Exception:  # the server may be away for a while
                await asyncio.sleep(0.5)

    async def on_invite(self, room, event):
        if event.state_key == self.nio.user_id and event.membership == "invite":
            asyncio.create_task(self.nio.join(room.room_id))

    def on_event(self, room, event):
        failed = None
        if isinstance(event, MegolmEvent):
            self.undecrypted[event.event_id] = (room, event)
            failed = "not known yet"
        self.show(room.room_id, event, failed)

    def try_again(self):
        """A key may come later than its message."""
        for event_id, (room, event) in list(self.undecrypted.items()):
            try:
                clear = self.nio.decrypt_event(event)
            except EncryptionError:
                continue
            del self.undecrypted[event_id]
            self.show(room.room_id, clear, None)

    def show(self, room, event, failed):
        content = event.source.get("content", {})
        shown = {
            "id": event.event_id,
            "room": room,
            "at": event.server_timestamp,
            "seenAt": int(time.time() * 1000),
            "sender": event.sender,
            "type": event.source.get("type"),
            "content": content,
            "body": content.get("body") if isinstance(content.get("body"), str) else None,
            "encrypted": bool(event.decrypted) or failed is not None,
            "failed": failed,
            "wire": {},
            "state": event.source.get("state_key"),
        }
        tell({"event": {name: value for name, value in shown.items() if value is not None}})

    async def send(self, room, content, type="m.room.message"):
        response = await self.nio.room_send(room, type, content, ignore_unverified_devices=True)
        return {"id": checked(response).event_id}


async def obey(app, line):
    told = json.loads(line)
    try:
        answer = await getattr(app, told["command"])(**told.get("args", {}))
        tell({"id": told["id"], "answer": answer or {}})
    except Exception as error:
        tell({"id": told["id"], "error": f"{type(error).__name__}: {error}"})


async def main():
    with tempfile.TemporaryDirectory(prefix="imok-nio-") as folder:
        app = App(folder)
        reader = asyncio.StreamReader(limit=2**26)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        running = set()
        while line := await reader.readline():
            task = asyncio.create_task(obey(app, line))
            running.add(task)
            task.add_done_callback(running.discard)
    os._exit(0)  # whoever started us has gone


asyncio.run(main())
