using System.Text.Json;
using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>What a vector file may say, and where it says what it may not.</summary>
internal sealed class VectorFileTests
{
    private const string Name = "scripts/x.vectors.json";

    [Test]
    public void An_uplink_is_read_in_full()
    {
        var vector = (UplinkVector)Read("""
            // Comments and a comma too many are fine.
            [
              {
                "name": "all", "note": "of it", "payload": "0A 0b:0c",
                "request": {"path": "a/b", "method": "put", "query": {"q": "1"}, "variables": {"v": "2"}, "content_format": 50, "received_at": "2025-06-11T20:34:00Z"},
                "config": {"device_id": "d", "settings": {"s": 5}, "labels": ["l"], "metadata": {"m": "3"}},
                "expect": [{"index": "A"}], "expect_device_id": null, "expect_response": {"code": "2.05"},
              },
            ]
            """).Vectors.Single();

        Assert.Multiple(() =>
        {
            Assert.That((vector.Name, vector.Line, vector.Column), Is.EqualTo(("all", 3, 3)));
            Assert.That(vector.Payload, Is.EqualTo(new byte[] { 10, 11, 12 }));
            Assert.That((vector.Request!.Path, vector.Request.Method, vector.Request.ContentFormat), Is.EqualTo(("/a/b", "PUT", 50)));
            Assert.That((vector.Request.Query["q"], vector.Request.Variables["v"], vector.Request.ReceivedAt.Minute), Is.EqualTo(("1", "2", 34)));
            Assert.That((vector.Config.DeviceId, vector.NamesDevice, vector.Config.GetNumber("s")), Is.EqualTo(("d", true, 5.0)));
            Assert.That((vector.Config.Labels[0], vector.Config.Metadata["m"]), Is.EqualTo(("l", "3")));
            Assert.That((vector.Readings!.Count, vector.DeviceId.HasValue, vector.Response.HasValue), Is.EqualTo((1, true, true)));
        });
    }

    [Test]
    public void A_command_has_no_request_unless_it_says_so()
    {
        var vectors = Read("""
            [{"name": "a", "command": {"command_type": "c", "payload": {"x": 1}}, "expect_payload": "01"},
             {"name": "b", "command": {"command_type": "c"}, "request": {}, "expect_payload": null}]
            """).Vectors.Cast<CommandVector>().ToArray();

        Assert.Multiple(() =>
        {
            Assert.That((vectors[0].Command.GetInteger("x"), vectors[0].Bytes![0], vectors[0].Request is null), Is.EqualTo((1, 1, true)));
            Assert.That((vectors[1].Bytes, vectors[1].Request!.Path), Is.EqualTo(((byte[]?)null, "/m")));
        });
    }

    [Test]
    public void What_a_vector_leaves_open_is_the_same_every_time()
    {
        var vector = (UplinkVector)Read("""[{"name": "a", "payload": "", "expect": []}]""").Vectors[0];

        Assert.That(vector.Request!.ReceivedAt, Is.EqualTo(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.That((vector.Request.Method, vector.Request.Path, vector.Config.DeviceId), Is.EqualTo(("POST", "/m", "device")));
    }

    [TestCase("", "(1,1)", "does not contain any JSON")]
    [TestCase("{}", "(1,1)", "must be a list of vectors")]
    [TestCase("[\n  {]", "(2,4)", "invalid")]
    [TestCase("[] x", "(1,4)", "invalid")]
    [TestCase("[1]", "(1,2)", "a vector must be an object")]
    [TestCase("""[{"payload": "", "expect": []}]""", "(1,2)", "a vector needs a name")]
    [TestCase("""[{"name": "", "payload": "", "expect": []}]""", "(1,3)", "name must be a text of 1 to 200 characters")]
    [TestCase("""[{"name": "ä", "payload": "0", "expect": []}]""", "(1,16)", "payload must be an even number of hexadecimal digits, not \"0\"")]
    [TestCase("""[{"name": "a", "payload": "", "payload_text": "", "expect": []}]""", "(1,2)", "exactly one of payload, payload_text")]
    [TestCase("""[{"name": "a", "payload": ""}]""", "(1,2)", "needs at least one of expect, expect_error")]
    [TestCase("""[{"name": "a", "payload": "", "expect": [], "expect_error": "x"}]""", "(1,2)", "either taken or refused")]
    [TestCase("""[{"name": "a", "payload": "", "expects": []}]""", "(1,31)", "has no member \"expects\", only name, note, payload,")]
    [TestCase("""[{"name": "a", "payload": "", "expect": [], "expect": []}]""", "(1,45)", "expect is given more than once")]
    [TestCase("""[{"name": "a", "payload": "", "expect": [{}, {"Index": "A"}]}]""", "(1,31)", "expect[1] has no member \"Index\", only device_id, index,")]
    [TestCase("""[{"name": "a", "payload": "", "expect": [{"values": 5}]}]""", "(1,31)", "expect[0].values must be a list of numbers, truth values and texts, not 5")]
    [TestCase("""[{"name": "a", "payload": "", "expect": [{"timestamp": "noon"}]}]""", "(1,31)", "expect[0].timestamp must be a time in ISO 8601")]
    [TestCase("""[{"name": "a", "payload": "", "expect": [], "request": {"content_format": -1}}]""", "(1,45)", "request.content_format must be a whole number from 0 to 65535, not -1")]
    [TestCase("""[{"name": "a", "command": {}, "expect_payload": ""}]""", "(1,2)", "the command needs a command_type")]
    [TestCase("""[{"name": "a", "command": 5, "expect_payload": ""}]""", "(1,16)", "command must be an object, not 5")]
    [TestCase("""[{"name": "a", "command": {"command_type": "c"}}]""", "(1,2)", "exactly one of expect_payload, expect_payload_text, expect_error")]
    [TestCase("""[{"name": "a", "payload": "", "expect": []}, {"name": "a", "payload": "", "expect": []}]""", "(1,46)", "another vector of the name \"a\"")]
    [TestCase("""[{"name": "\ud800", "payload": "", "expect": []}]""", "(1,3)", "half of a character")]
    [TestCase("""[{"na\ud800me": "", "payload": "", "expect": []}]""", "(1,3)", "half of a character")]
    public void What_is_wrong_is_said_with_its_place(string text, string place, string message)
    {
        var problem = Read(text).Problems[0].ToString();

        Assert.That(problem, Does.StartWith($"{Name}{place}: error GW0020: ").And.Contain(message));
    }

    [Test]
    public void All_vectors_are_looked_at()
    {
        var problems = Read("[{\"name\": 1},\n{\"name\": 2}]").Problems;

        Assert.That(problems.Select(problem => problem.Line).Distinct(), Is.EqualTo([1, 2]));
    }

    [Test]
    public void A_file_that_is_too_long_is_a_problem() =>
        Assert.That(Read(new string(' ', VectorFile.Length + 1)).Problems.Single().Message, Does.Contain("more than the 1048576 characters"));

    [Test]
    public void The_schema_for_editors_names_the_same_members()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("scripts", "vectors.schema.json")));
        var kinds = schema.RootElement.GetProperty("$defs");
        IEnumerable<string> Members(JsonElement kind) => kind.GetProperty("properties").EnumerateObject().Select(member => member.Name);

        Assert.Multiple(() =>
        {
            Assert.That(Members(kinds.GetProperty("payload_vector")), Is.EqualTo(VectorShape.Uplink.Keys));
            Assert.That(Members(kinds.GetProperty("command_vector")), Is.EquivalentTo(VectorShape.Downlink.Keys));
            Assert.That(Members(kinds.GetProperty("command_vector").GetProperty("properties").GetProperty("command")), Is.EqualTo(VectorShape.Within["command"].Keys));
            Assert.That(Members(kinds.GetProperty("request")), Is.EqualTo(VectorShape.Within["request"].Keys));
            Assert.That(Members(kinds.GetProperty("config")), Is.EqualTo(VectorShape.Within["config"].Keys));
            Assert.That(Members(kinds.GetProperty("reading")), Is.EqualTo(VectorShape.Within["expect"].Keys));
            Assert.That(Members(kinds.GetProperty("response")), Is.EqualTo(VectorShape.Within["expect_response"].Keys));
        });
    }

    private static VectorFile Read(string text) => VectorFile.Read(text, Name);
}
