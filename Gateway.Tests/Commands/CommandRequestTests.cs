using System.Text;
using Gateway.Commands;

namespace Gateway.Tests.Commands;

/// <summary>One model, one reader, one set of texts, whichever way a command comes in.</summary>
internal sealed class CommandRequestTests
{
    private const string Good = """
        {"request_id":"r1","device_id":"a","command_type":"set","payload":{"on":true,"n":12345678901234567890},"parser_script_ref":"x.csx","metadata":{"who":"me"},
        "priority":-1,"not_before":"2026-01-02T04:00:00Z","expires_at":"2026-01-02T05:00:00Z","max_attempts":3,"dedup_key":"k","confirm":"next_message"}
        """;

    [Test]
    public void What_is_written_reads_as_it_was()
    {
        var request = CommandRequest.Read(Encoding.UTF8.GetBytes(Good), out var problem);

        Assert.That(problem, Is.Null);
        Assert.That(request!.Problems(SomeCommands.Now), Is.Empty);
        Assert.That(CommandRequest.OfJson(request.ToJson()).IsSameAs(request.ToJson()));
        Assert.That(Encoding.UTF8.GetString(request.ToJson()), Does.Contain("12345678901234567890"), "numbers stay as they were written");
    }

    [TestCase("", "$, line 1")]
    [TestCase("null", "not null")]
    [TestCase("[]", "another type or form")]
    [TestCase("{", "$, line 1")]
    [TestCase("""{"device_id":7}""", "$.device_id")]
    [TestCase("""{"devise_id":"a"}""", "$.devise_id")]
    [TestCase("""{"confirm":"perhaps"}""", "$.confirm")]
    [TestCase("""{"priority":"1"}""", "$.priority")]
    [TestCase("""{"priority":1.5}""", "$.priority")]
    [TestCase("""{"device_id":"a","device_id":"b"}""", "twice")]
    [TestCase("""{"dedup_key":"\ud800"}""", "$.dedup_key")]
    [TestCase("""{"expires_at":"tomorrow"}""", "$.expires_at")]
    [TestCase("{\"device_id\":\"\u0001\"}", "$.device_id")]
    public void What_is_no_request_is_refused_with_its_place_and_without_our_insides(string json, string place)
    {
        var request = CommandRequest.Read(Encoding.UTF8.GetBytes(json), out var problem);

        Assert.That(request, Is.Null);
        Assert.That(problem!.Message, Does.Contain(place).And.Not.Contain("System.").And.Not.Contain("Gateway."));
    }

    [Test]
    public void No_bytes_make_the_reader_throw()
    {
        var chance = new Random(6);
        var good = Encoding.UTF8.GetBytes(Good);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var flips = chance.Next(1, 4); flips > 0; flips--)
            {
                bytes[chance.Next(bytes.Length)] = (byte)chance.Next(256);
            }

            if (CommandRequest.Read(bytes, out _) is { } request)
            {
                _ = request.Problems(SomeCommands.Now).ToArray();
            }
        }
    }

    [TestCase("""{"device_id":"","command_type":"x"}""", "device_id")]
    [TestCase("""{"device_id":"a/b","command_type":"x"}""", "device_id")]
    [TestCase("""{"device_id":"a"}""", "command_type")]
    [TestCase("""{"device_id":"a","command_type":"x","payload":"text"}""", "payload")]
    [TestCase("""{"device_id":"a","command_type":"x","metadata":{"k":null}}""", "metadata")]
    [TestCase("""{"device_id":"a","command_type":"x","max_attempts":0}""", "max_attempts")]
    [TestCase("""{"device_id":"a","command_type":"x","max_attempts":101}""", "max_attempts")]
    [TestCase("""{"device_id":"a","command_type":"x","dedup_key":""}""", "dedup_key")]
    [TestCase("""{"device_id":"a","command_type":"x","ttl":0}""", "ttl")]
    [TestCase("""{"device_id":"a","command_type":"x","ttl":1e999}""", "ttl")]
    [TestCase("""{"device_id":"a","command_type":"x","ttl":5,"expires_at":"2027-01-01T00:00:00Z"}""", "ttl")]
    [TestCase("""{"device_id":"a","command_type":"x","expires_at":"2026-01-02T03:04:05Z"}""", "expires_at")]
    [TestCase("""{"device_id":"a","command_type":"x","ttl":60,"not_before":"2026-01-02T03:05:05Z"}""", "not_before")]
    [TestCase("""{"request_id":"","device_id":"a","command_type":"x"}""", "request_id")]
    public void What_cannot_be_is_told_by_its_member(string json, string path)
    {
        var request = CommandRequest.Read(Encoding.UTF8.GetBytes(json), out _);

        Assert.That(request!.Problems(SomeCommands.Now).Select(problem => problem.Path), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void Its_parts_are_bounded()
    {
        var request = new CommandRequest
        {
            DeviceId = "a",
            CommandType = new string('x', 129),
            Payload = System.Text.Json.JsonSerializer.SerializeToElement(new { text = new string('x', 65_536) }),
            Metadata = Enumerable.Range(0, 65).ToDictionary(i => $"k{i}", _ => ""),
            DedupKey = new string('x', 129),
        };

        Assert.That(request.Problems(SomeCommands.Now).Select(problem => problem.Path), Is.EqualTo(new[] { "command_type", "dedup_key", "payload", "metadata" }));
    }
}
