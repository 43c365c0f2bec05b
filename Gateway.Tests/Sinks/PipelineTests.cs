using Gateway.Sinks;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Sinks;

internal sealed class PipelineTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly SinkMessage[] Batch = [.. SomeMessages.Of("1", "2", "3", "4", "5", "6").Select((message, i) => message with { DeviceId = i % 2 == 0 ? "even" : "odd" })];

    private readonly List<string> _sent = [];
    private readonly Dictionary<string, TaskCompletionSource<Outcome>> _answers = [];
    private readonly FakeTimeProvider _time = new();

    [SetUp]
    public void Forget()
    {
        _sent.Clear();
        _answers.Clear();
    }

    [Test]
    public async Task No_more_are_on_their_way_than_the_window_has_room_for()
    {
        var delivery = RunAsync(window: 2);
        Assert.That(_sent, Is.EqualTo(new[] { "1", "2" }));

        _answers["2"].SetResult(Outcome.Taken);
        Assert.That(_sent, Has.Count.EqualTo(2), "the oldest has no answer yet");
        _answers["1"].SetResult(Outcome.Taken);
        Assert.That(_sent, Is.EqualTo(new[] { "1", "2", "3", "4" }));

        Answer("3", "4", "5", "6");
        Assert.That((await delivery).Again, Is.Empty);
    }

    [Test]
    public async Task The_rest_goes_on_behind_one_that_is_refused()
    {
        var delivery = RunAsync(window: 6);
        _answers["2"].SetResult(Outcome.Refused("no"));
        Answer("1", "3", "4", "5", "6");

        var result = await delivery;
        Assert.That(result.Refused.Select(refusal => (refusal.Message.Text(), refusal.Reason)), Is.EqualTo(new[] { ("2", "no") }));
        Assert.That(result.Again, Is.Empty);
    }

    [Test]
    public async Task Behind_a_failure_nothing_is_sent_and_its_device_has_the_rest_again()
    {
        var delivery = RunAsync(window: 4);
        _answers["2"].SetException(new IOException("gone"));
        Answer("1", "3", "4", "5");

        var result = await delivery;
        Assert.That(_sent, Is.EqualTo(new[] { "1", "2", "3", "4", "5" }), "the answer to 1 let 5 go before the failure was seen");
        Assert.That(result.Again.Select(message => message.Text()), Is.EqualTo(new[] { "2", "4", "6" }));
        Assert.That(result.Problem, Is.EqualTo("gone"));
    }

    [Test]
    public async Task A_server_that_is_silent_is_given_up()
    {
        var delivery = RunAsync(window: 6);
        _answers["1"].SetResult(Outcome.Taken);
        _time.Advance(Patience);

        var result = await delivery;
        Assert.That(result.Again.Select(message => message.Text()), Is.EqualTo(new[] { "2", "3", "4", "5", "6" }));
        Assert.That(result.Problem, Is.EqualTo("the server did not answer within 10 s"));
    }

    [Test]
    public async Task Each_answer_renews_the_patience()
    {
        var delivery = RunAsync(window: 6);
        foreach (var message in Batch)
        {
            _time.Advance(Patience - TimeSpan.FromSeconds(1));
            Answer(message.Text());
        }

        Assert.That((await delivery).Again, Is.Empty);
    }

    [Test]
    public void A_stop_is_no_outcome()
    {
        using var stop = new CancellationTokenSource();
        var delivery = RunAsync(window: 6, stop.Token);
        stop.Cancel();

        Assert.That(() => delivery, Throws.InstanceOf<OperationCanceledException>());
    }

    private Task<Delivery> RunAsync(int window, CancellationToken cancellation = default) =>
        new Pipeline(window, Patience, _time).RunAsync(Batch, SendAsync, cancellation);

    private ValueTask<Task<Outcome>> SendAsync(SinkMessage message, CancellationToken giveUp)
    {
        _sent.Add(message.Text());
        var answer = _answers[message.Text()] = new TaskCompletionSource<Outcome>();
        return ValueTask.FromResult(answer.Task.WaitAsync(giveUp));
    }

    private void Answer(params string[] messages)
    {
        foreach (var message in messages)
        {
            _answers[message].SetResult(Outcome.Taken);
        }
    }
}
