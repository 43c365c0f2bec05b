using System.Text;
using System.Text.Json;
using Gateway.Commands;

namespace Gateway.Tests.Commands;

/// <summary>Many commands in one request: each is judged for itself, and in its place.</summary>
internal sealed class CommandBatchTests
{
    private CommandsUnderTest _gateway = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _gateway = await CommandsUnderTest.StartAsync(CommandsUnderTest.Script, maxQueued: 100);
        await _gateway.AddDeviceAsync("a");
        await _gateway.AddDeviceAsync("b");
    }

    [TearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task Each_gets_the_result_that_it_would_get_alone()
    {
        string[] commands =
        [
            """{"request_id": "r0", "device_id": "a", "command_type": "say", "payload": {"text": "x"}}""",
            """{"device_id": "a", "command_type": "say", "payload": {}}""",
            """{"device_id": "a", "commandtype": "say"}""",
            "7",
            """{"device_id": "nobody", "command_type": "say", "payload": {"text": "x"}}""",
            """{"request_id": "r0", "device_id": "b", "command_type": "say", "payload": {"text": "x"}}""",
            """{"request_id": "r0", "device_id": "a", "command_type": "say", "payload": {"text": "x"}}""",
            """{"command_type": "say"}""",
            """{"request_id": "r8", "device_id": "b", "command_type": "say", "payload": {"text": "y"}}""",
        ];

        var batched = await _gateway.Batches.SubmitAsync(CommandBatches.OfArray(Encoding.UTF8.GetBytes($"[{string.Join(", ", commands)}]")), CancellationToken.None);

        Assert.That(batched.Select(result => result.Outcome), Is.EqualTo(new[]
        {
            SubmitOutcome.Queued, SubmitOutcome.Invalid, SubmitOutcome.Malformed, SubmitOutcome.Malformed, SubmitOutcome.UnknownDevice, SubmitOutcome.Conflict,
            SubmitOutcome.Repeated, SubmitOutcome.Invalid, SubmitOutcome.Queued,
        }));
        foreach (var place in new[] { 1, 2, 3, 4, 5, 7 })
        {
            var alone = await _gateway.Consumer.SubmitAsync(Encoding.UTF8.GetBytes(commands[place]), CancellationToken.None);
            Assert.That(batched[place].Problems, Is.EqualTo(alone.Problems), commands[place]);
        }
    }

    [Test]
    public async Task Those_of_one_device_go_in_the_order_in_which_they_stand()
    {
        var commands = Enumerable.Range(0, 60).Select(i => JsonSerializer.SerializeToUtf8Bytes(new { device_id = i % 3 == 0 ? "a" : "b", command_type = "say", payload = new { text = $"{i}" } }));

        var results = await _gateway.Batches.SubmitAsync([.. commands.Select(command => (ReadOnlyMemory<byte>)command)], CancellationToken.None);

        Assert.That(results.Select(result => result.Outcome), Is.All.EqualTo(SubmitOutcome.Queued));
        var said = new List<string>();
        while (await _gateway.SpeakAsync("a") is { } text)
        {
            said.Add(text.Split(':')[1]);
        }

        Assert.That(said, Is.EqualTo(Enumerable.Range(0, 20).Select(i => $"{3 * i}")));
    }

    [TestCase("", TestName = "What_is_no_array_is_no_batch(nothing)")]
    [TestCase("{}", TestName = "What_is_no_array_is_no_batch(an object)")]
    [TestCase("[{}", TestName = "What_is_no_array_is_no_batch(cut off)")]
    [TestCase("[{}] x", TestName = "What_is_no_array_is_no_batch(more behind it)")]
    [TestCase("[{},]", TestName = "What_is_no_array_is_no_batch(a comma too many)")]
    [TestCase("[{\"a\":}]", TestName = "What_is_no_array_is_no_batch(no JSON)")]
    public void What_is_no_array_is_no_batch(string body) =>
        Assert.That(() => CommandBatches.OfArray(Encoding.UTF8.GetBytes(body)), Throws.InstanceOf<JsonException>());

    [Test]
    public void Lines_may_end_as_they_like_and_be_empty() => Assert.That(
        CommandBatches.OfLines("{\"a\": 1}\r\n\n  {\"b\": 2}\n{"u8.ToArray()).Select(line => Encoding.UTF8.GetString(line.Span)),
        Is.EqualTo(new[] { """{"a": 1}""", """{"b": 2}""", "{" }));

    [Test]
    public void The_commands_of_an_array_are_cut_out_as_they_are() => Assert.That(
        CommandBatches.OfArray("[ {\"a\": [1, {\"b\": 2}]},\n \"x\" , 7,null]"u8.ToArray()).Select(command => Encoding.UTF8.GetString(command.Span)),
        Is.EqualTo(new[] { """{"a": [1, {"b": 2}]}""", "\"x\"", "7", "null" }));
}
