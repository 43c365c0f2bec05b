using System.Text;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Journal;
using Gateway.Tests.Commands;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.EndToEnd;

/// <summary>A disk that is late with a frame and the command in its answer, and has both in the end.</summary>
internal sealed class LateCommitTests
{
    private const string Data = "/devices/cellar/data";

    [Test]
    public async Task The_device_is_told_to_come_back_and_gets_the_command_when_it_is_known_what_became_of_the_first_try()
    {
        using var folder = new TempFolder();
        folder.Write("scripts/json.csx", CommandsUnderTest.Script);
        var journal = new LateJournal();
        await using var gateway = await GatewayUnderTest.StartWithAsync(
            services => services.AddSingleton<IJournal>(provider => journal.Around(provider.GetRequiredService<SqliteJournal>())), folder);
        gateway.Log.Expect("could not be made durable");
        await gateway.SendAsync(CoapCode.Post, Data, []);
        await gateway.QueueAsync(new { request_id = "r1", device_id = "cellar", command_type = "say", payload = new { text = "" } });

        journal.IsLate = true;
        var refused = await gateway.SendAsync(CoapCode.Post, Data, []);
        var next = gateway.SendAsync(CoapCode.Post, Data, []);
        journal.IsLate = false;
        journal.Settle();
        var answer = await next.WaitAsync(Eventually.Limit);

        Assert.That(refused.Code, Is.EqualTo(CoapCode.ServiceUnavailable));
        Assert.That(Encoding.UTF8.GetString(answer.Payload.Span), Is.EqualTo("r1:"));
        var status = JsonNode.Parse(await gateway.Http.GetStringAsync("/api/v1/commands/r1"))!;
        Assert.That(
            status["history"]!.AsArray().Select(step => $"{step!["state"]} {step["attempt"]}"),
            Is.EqualTo(new[] { "queued 0", "sent 1", "queued 1", "sent 2" }));
    }

    /// <summary>The journal, whose frames with commands can be late.</summary>
    private sealed class LateJournal : IJournal
    {
        private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private IJournal _journal = null!;

        public bool IsLate { get; set; }

        public string Id => _journal.Id;

        public long LastSequence => _journal.LastSequence;

        public JournalHealth Health => _journal.Health;

        public LateJournal Around(IJournal journal)
        {
            _journal = journal;
            return this;
        }

        public void Settle() => _settled.SetResult();

        public ValueTask<long> AppendFrameAsync(ReadOnlySpan<JournalRecord> records)
        {
            if (!IsLate || records.Length == 1)
            {
                return _journal.AppendFrameAsync(records);
            }

            var copy = records.ToArray();
            return ValueTask.FromException<long>(new JournalUnavailableException(JournalUnavailableReason.Slow, "the disk takes too long")
            {
                Settled = async () =>
                {
                    await _settled.Task;
                    return await _journal.AppendAsync(copy, CancellationToken.None);
                },
            });
        }

        public ValueTask<long> AppendAsync(JournalRecord record, CancellationToken cancellation) => _journal.AppendAsync(record, cancellation);

        public ValueTask<long> AppendAsync(ReadOnlySpan<JournalRecord> records, CancellationToken cancellation) => _journal.AppendAsync(records, cancellation);

        public IReadOnlyList<JournalRecord> Read(long afterSequence, int maxRecords) => _journal.Read(afterSequence, maxRecords);

        public long LastBefore(DateTimeOffset instant) => _journal.LastBefore(instant);

        public Task WaitForRecordsAsync(long afterSequence, CancellationToken cancellation) => _journal.WaitForRecordsAsync(afterSequence, cancellation);

        public long Cursor(string name) => _journal.Cursor(name);

        public void Advance(string name, long sequence) => _journal.Advance(name, sequence);

        public void KeepFor(IReadOnlyCollection<string> cursors) => _journal.KeepFor(cursors);
    }
}
