using System.Net;
using System.Text;
using Gateway.Coap;
using Gateway.Devices;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.EndToEnd;

/// <summary>A client as OMA LwM2M 1.1 §6.2 and §6.4.5 have it registers, renews, sends and leaves: with one socket, for it is known by its address.</summary>
internal sealed class Lwm2mTests
{
    private const string Temperature = "82a421682f333330332f302f221a5fbf979400643537303002fb4035800000000000a2006435373031036343656c";

    [Test]
    public async Task A_client_registers_sends_renews_and_leaves_and_is_known_over_a_restart()
    {
        using var folder = new TempFolder();
        string[] location;
        using (var client = new Client())
        {
            await using (var gateway = await GatewayUnderTest.StartAsync(folder))
            {
                client.Connect(gateway.CoapPort);
                Assert.That((await client.AskAsync(CoapCode.Post, ["dp"], [], Temperature, 112)).Code, Is.EqualTo(CoapCode.NotFound), "not registered yet");

                var registered = await client.AskAsync(CoapCode.Post, ["rd"], ["ep=node-1", "lt=300", "lwm2m=1.1", "b=U"], Convert.ToHexString("</1/0>,</3303/0>"u8), 40);
                location = Texts(registered, OptionNumber.LocationPath);
                Assert.That((registered.Code, location.Length, location[0]), Is.EqualTo((CoapCode.Created, 2, "rd")));

                var sent = await client.AskAsync(CoapCode.Post, ["dp"], [], Temperature, 112);
                Assert.That(sent.Code, Is.EqualTo(CoapCode.Changed));
                Assert.That((await client.AskAsync(CoapCode.Post, ["dp"], [], Temperature, 11544)).Code, Is.EqualTo(CoapCode.UnsupportedContentFormat));
            }

            await using (var gateway = await GatewayUnderTest.StartAsync(folder))
            {
                client.Connect(gateway.CoapPort);
                Assert.That((await client.AskAsync(CoapCode.Post, ["dp"], [], Temperature, 112)).Code, Is.EqualTo(CoapCode.Changed), "the book is on disk");
                Assert.That((await client.AskAsync(CoapCode.Post, location, ["lt=600"], "", null)).Code, Is.EqualTo(CoapCode.Changed));
                Assert.That((await client.AskAsync(CoapCode.Delete, location, [], "", null)).Code, Is.EqualTo(CoapCode.Deleted));
                Assert.That((await client.AskAsync(CoapCode.Post, location, [], "", null)).Code, Is.EqualTo(CoapCode.NotFound), "who is told so registers again");
                Assert.That((await client.AskAsync(CoapCode.Post, ["dp"], [], Temperature, 112)).Code, Is.EqualTo(CoapCode.NotFound));

                var readings = await gateway.ReadingsAsync(4);
                Assert.That(readings.Select(reading => reading["index"]!.GetValue<string>()), Is.EqualTo(["REGISTERED", "TEMPERATURE", "TEMPERATURE", "DEREGISTERED"]));
                Assert.That(readings.Select(reading => reading["device_id"]!.GetValue<string>()), Is.All.EqualTo("node-1"));
                Assert.That(readings[1]["unit"]!.GetValue<string>(), Is.EqualTo("Cel"));
                Assert.That(gateway.Services.GetRequiredService<AddressBook>().Count, Is.Zero);
            }
        }
    }

    [Test]
    public async Task What_is_wrong_with_a_registration_is_said()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(sets: "devices.max_addresses=1");
        using Client first = new(), second = new();
        first.Connect(gateway.CoapPort);
        second.Connect(gateway.CoapPort);

        Assert.That((await first.AskAsync(CoapCode.Post, ["rd"], [], "", null)).Code, Is.EqualTo(CoapCode.BadRequest), "without an endpoint");
        Assert.That((await first.AskAsync(CoapCode.Post, ["rd"], ["ep=a", "lt=soon"], "", null)).Code, Is.EqualTo(CoapCode.BadRequest));
        Assert.That((await first.AskAsync(CoapCode.Post, ["rd"], ["ep=a"], Convert.ToHexString("no link"u8), 40)).Code, Is.EqualTo(CoapCode.BadRequest));
        Assert.That((await first.AskAsync(CoapCode.Post, ["rd"], ["ep=a", "lt=0"], "", null)).Code, Is.EqualTo(CoapCode.Created));
        Assert.That((await second.AskAsync(CoapCode.Post, ["rd"], ["ep=b"], "", null)).Code, Is.EqualTo(CoapCode.ServiceUnavailable), "no room");
        Assert.That((await second.AskAsync(CoapCode.Post, ["rd", "0123456789abcdef"], [], "", null)).Code, Is.EqualTo(CoapCode.NotFound));
    }

    private static string[] Texts(CoapMessage message, int option) =>
        [.. message.Options.Where(entry => entry.Number == option).Select(entry => Encoding.UTF8.GetString(entry.Value.Span))];

    /// <summary>A client that stays at its port, whichever gateway it speaks to.</summary>
    private sealed class Client : IDisposable
    {
        private readonly System.Net.Sockets.UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
        private IPEndPoint _gateway = null!;
        private ushort _lastId;

        public void Connect(int port) => _gateway = new IPEndPoint(IPAddress.Loopback, port);

        public async Task<CoapMessage> AskAsync(CoapCode method, string[] path, string[] query, string hex, int? format)
        {
            var id = new MessageId(++_lastId);
            var token = Token.From([(byte)(_lastId >> 8), (byte)_lastId]);
            var options = path.Select(segment => new CoapOption(OptionNumber.UriPath, Encoding.UTF8.GetBytes(segment))).ToList();
            if (format is { } number)
            {
                options.Add(UintOption.Of(OptionNumber.ContentFormat, (uint)number));
            }

            options.AddRange(query.Select(parameter => new CoapOption(OptionNumber.UriQuery, Encoding.UTF8.GetBytes(parameter))));
            await _socket.SendAsync(CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, method, id) { Token = token, Options = options, Payload = Convert.FromHexString(hex) }), _gateway);

            // A late answer comes apart from its acknowledgement, and perhaps twice.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (true)
            {
                var received = await _socket.ReceiveAsync(patience.Token);
                if (!CoapCodec.TryDecode(received.Buffer, out var answer, out _) || answer.Token != token)
                {
                    continue;
                }

                if (answer.Type is MessageType.Confirmable)
                {
                    await _socket.SendAsync(CoapCodec.Encode(CoapMessage.EmptyAcknowledgement(answer.Id)), _gateway);
                }

                return answer;
            }
        }

        public void Dispose() => _socket.Dispose();
    }
}
