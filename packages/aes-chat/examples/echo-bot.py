# Answers whatever known peers say: python3 echo-bot.py --name bob (flags are those of chat-client, which is on the PATH)
import json, subprocess, sys

flags = ["--accept", "known", "--json", *sys.argv[1:]]
client = subprocess.Popen(["chat-client", *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
for line in client.stdout:
    event = json.loads(line)
    if event["event"] == "message" and event["direction"] == "in":
        answer = {"to": event["peer"], "text": f"you said: {event['text']}"}
        print("/json", json.dumps(answer), file=client.stdin, flush=True)
