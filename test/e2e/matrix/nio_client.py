"""matrix-nio as a process: one JSON line in for each command, one JSON line out for each answer and each thing seen.

Standard output belongs to the protocol; whatever the library says goes to standard error.
nio knows no cross-signing: another client of the same user has to sign this device.
"""

import asyncio
import base64
import io
import json
import os
import sys
import uuid

from nio import AsyncClient, AsyncClientConfig, Event, InviteMemberEvent, MegolmEvent
from nio.api import Api
from nio.crypto.attachments import decrypt_attachment
from nio.exceptions import EncryptionError
from nio.responses import ErrorResponse, RoomSendResponse

VOTE = "org.matrix.msc3381.poll.response"
SYNC = 30_000  # ms that the server may hold a sync


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Failed(Exception):
    def __init__(self, response):
        super().__init__(getattr(response, "message", str(response)))
        self.errcode = getattr(response, "status_code", "") or ""


def checked(response):
    if isinstance(response, ErrorResponse):
        raise Failed(response)
    return response


class Client:
    async def start(self, url, user, password, storePath, deviceId=None, acceptInvites=True):
        # What is kept beside nio's own store, to be the same device after a restart.
        kept = os.path.join(storePath, "session.json")
        config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True)
        self.nio = AsyncClient(url, user, deviceId or "", store_path=storePath, config=config)
        if os.path.exists(kept):
            with open(kept, encoding="utf8") as file:
                self.nio.restore_login(**json.load(file))
        else:
            checked(await self.nio.login(password, device_name="nio"))
            session = {
                "user_id": self.nio.user_id,
                "device_id": self.nio.device_id,
                "access_token": self.nio.access_token,
            }
            with open(kept, "w", encoding="utf8") as file:
                json.dump(session, file)
        self.accept = acceptInvites
        self.undecrypted = {}
        self.nio.add_event_callback(self.on_event, Event)
        self.nio.add_event_callback(self.on_invite, InviteMemberEvent)
        checked(await self.nio.sync(timeout=0, full_state=True))
        if self.nio.should_upload_keys:
            checked(await self.nio.keys_upload())
        self.loop = asyncio.create_task(self.sync())
        return {
            "userId": self.nio.user_id,
            "deviceId": self.nio.device_id,
            "accessToken": self.nio.access_token,
        }

    async def sync(self):
        while True:
            try:
                response = await self.nio.sync(timeout=SYNC)
                if isinstance(response, ErrorResponse):
                    raise Failed(response)
                if self.nio.should_upload_keys:
                    await self.nio.keys_upload()
                if self.nio.should_query_keys:
                    await self.nio.keys_query()
                await self.nio.send_to_device_messages()
                self.try_again()
            except Exception as error:  # the server may be away for a while
                say({"problem": f"sync: {error!r}"})
                await asyncio.sleep(0.5)

    async def on_invite(self, room, event):
        if event.state_key != self.nio.user_id or event.membership != "invite":
            return
        say({"invited": {"roomId": room.room_id, "sender": event.sender}})
        if self.accept:
            asyncio.create_task(self.nio.join(room.room_id))

    def on_event(self, room, event):
        failure = None
        if isinstance(event, MegolmEvent):
            self.undecrypted[event.event_id] = (room, event)
            failure = self.why(event)
        self.tell(room.room_id, event, failure)

    def why(self, event):
        try:
            self.nio.decrypt_event(event)
            return "not known"
        except EncryptionError as error:
            return str(error)

    def try_again(self):
        """A key may come later than its message."""
        for event_id, (room, event) in list(self.undecrypted.items()):
            try:
                clear = self.nio.decrypt_event(event)
            except EncryptionError:
                continue
            del self.undecrypted[event_id]
            self.tell(room.room_id, clear, None)

    def tell(self, room_id, event, failure):
        source = event.source
        content = source.get("content", {})
        relation = content.get("m.relates_to") or {}
        mentions = content.get("m.mentions") or {}
        seen = {
            "eventId": event.event_id,
            "roomId": room_id,
            "sender": event.sender,
            "type": source.get("type"),
            "stateKey": source.get("state_key"),
            "at": event.server_timestamp,
            "content": content,
            "msgtype": content.get("msgtype"),
            "body": content.get("body"),
            "formattedBody": content.get("formatted_body"),
            "mentions": {"userIds": mentions.get("user_ids", []), "room": mentions.get("room", False)},
            "relatesTo": content.get("m.relates_to"),
            "replaces": relation.get("event_id") if relation.get("rel_type") == "m.replace" else None,
            "encrypted": event.decrypted or failure is not None,
            "decryptionFailure": failure,
            "redacted": "redacted_because" in source.get("unsigned", {}),
            "redacts": content.get("redacts") or source.get("redacts"),
            "answers": content.get(VOTE, {}).get("answers", []) if source.get("type") == VOTE else None,
            "file": content.get("file"),
        }
        say({"seen": {name: value for name, value in seen.items() if value is not None}})

    async def joined(self, roomId):
        while roomId not in self.nio.rooms:
            await asyncio.sleep(0.05)

    async def join(self, roomId):
        checked(await self.nio.join(roomId))
        await self.joined(roomId)

    async def leave(self, roomId):
        checked(await self.nio.room_leave(roomId))

    async def members(self, roomId):
        room = self.nio.rooms[roomId]
        levels = room.power_levels
        return [
            {
                "userId": user_id,
                "membership": "invite" if user_id in room.invited_users else "join",
                "displayName": user.name,
                "powerLevel": levels.get_user_level(user_id) if levels else 0,
            }
            for user_id, user in room.users.items()
        ]

    async def state(self, roomId, type, stateKey=""):
        response = await self.nio.room_get_state_event(roomId, type, stateKey)
        return None if isinstance(response, ErrorResponse) else response.content

    async def send(self, roomId, type, content):
        if not self.nio.rooms[roomId].encrypted:
            raise ValueError(f"{roomId} is not encrypted, as far as this client knows")
        response = await self.nio.room_send(roomId, type, content, ignore_unverified_devices=True)
        return checked(response).event_id

    async def sendPlain(self, roomId, type, content):
        method, path, data = Api.room_send(self.nio.access_token, roomId, type, content, uuid.uuid4())
        return checked(await self.nio._send(RoomSendResponse, method, path, data, (roomId,))).event_id

    async def react(self, roomId, eventId, key):
        relation = {"rel_type": "m.annotation", "event_id": eventId, "key": key}
        return await self.sendPlain(roomId, "m.reaction", {"m.relates_to": relation})

    async def redact(self, roomId, eventId, reason=None):
        return checked(await self.nio.room_redact(roomId, eventId, reason)).event_id

    async def edit(self, roomId, eventId, body):
        content = {
            "msgtype": "m.text",
            "body": f"* {body}",
            "m.new_content": {"msgtype": "m.text", "body": body},
            "m.relates_to": {"rel_type": "m.replace", "event_id": eventId},
        }
        return await self.send(roomId, "m.room.message", content)

    async def vote(self, roomId, pollId, answers):
        relation = {"rel_type": "m.reference", "event_id": pollId}
        return await self.send(roomId, VOTE, {"m.relates_to": relation, VOTE: {"answers": answers}})

    async def sendFile(self, roomId, bytes, name, type, msgtype):
        data = base64.b64decode(bytes)
        response, keys = await self.nio.upload(io.BytesIO(data), content_type=type, encrypt=True, filesize=len(data))
        file = {**keys, "url": checked(response).content_uri}
        info = {"mimetype": type, "size": len(data)}
        content = {"msgtype": msgtype, "body": name, "file": file, "info": info}
        return await self.send(roomId, "m.room.message", content)

    async def download(self, file):
        body = checked(await self.nio.download(mxc=file["url"])).body
        clear = decrypt_attachment(body, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
        return base64.b64encode(clear).decode()


async def obey(client, line):
    message = json.loads(line)
    try:
        answer = await getattr(client, message["do"])(**message.get("with", {}))
        say({"id": message["id"], "ok": answer})
    except Exception as error:
        failed = {"message": f"{type(error).__name__}: {error}", "errcode": getattr(error, "errcode", ""), "status": 0}
        say({"id": message["id"], "failed": failed})


async def main():
    client = Client()
    reader = asyncio.StreamReader(limit=2**26)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    running = set()
    while line := await reader.readline():
        task = asyncio.create_task(obey(client, line))
        running.add(task)
        task.add_done_callback(running.discard)
    os._exit(0)  # whoever started us has gone


asyncio.run(main())
