using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Sinks;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Sinks;

internal sealed class HttpSinkTests
{
    private FakeTimeProvider _time = null!;
    private HttpReceiver _receiver = null!;
    private Func<HttpContext, ReceivedRequest, Task> _answer = null!;

    [SetUp]
    public async Task StartReceiverAsync()
    {
        _time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        _answer = (context, _) => Status(context, 204);
        _receiver = await HttpReceiver.StartAsync((context, request) => _answer(context, request));
    }

    [TearDown]
    public async Task StopReceiverAsync() => await _receiver.DisposeAsync();

    [TestCase(HttpBody.Array, "application/json", """[{"n":1},{"n":2}]""")]
    [TestCase(HttpBody.Ndjson, "application/x-ndjson", "{\"n\":1}\n{\"n\":2}\n")]
    public async Task Messages_go_in_one_request(object body, string type, string expected)
    {
        var delivery = await WriteAsync(Settings with { Body = (HttpBody)body }, """{"n":1}""", """{"n":2}""");

        var request = _receiver.Requests.Single();
        Assert.That((delivery.Refused.Count, delivery.Again.Count), Is.EqualTo((0, 0)));
        Assert.That((request.Line, request.Headers["Content-Type"], request.Text), Is.EqualTo(("POST /in?x=1", type, expected)));
    }

    [Test]
    public async Task Packs_of_SenML_in_an_array_are_one_pack()
    {
        var messages = new SenmlFormat().Apply(SomeMessages.OfRecord("""{"index":"T","values":[1]}""" + "\n" + """{"device_id":"b","index":"T","values":[2]}""")).ToList();
        await using var sink = New(Settings);
        await sink.WriteAsync(messages, CancellationToken.None);

        var request = _receiver.Requests.Single();
        Assert.That(request.Headers["Content-Type"], Is.EqualTo("application/senml+json"));
        Assert.That(request.Text, Is.EqualTo("[" + messages[0].Text()[1..^1] + "," + messages[1].Text()[1..^1] + "]"));
    }

    [Test]
    public async Task The_admins_headers_and_a_signature_that_a_receiver_can_check_come_with_it()
    {
        await WriteAsync(Settings with { Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer abc" }, SignatureKey = "0123456789abcdef" }, """{"n":"ü"}""");

        var request = _receiver.Requests.Single();
        Assert.That(request.Headers["Authorization"], Is.EqualTo("Bearer abc"));
        var seconds = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).ToUnixTimeSeconds();
        var expected = HMACSHA256.HashData("0123456789abcdef"u8, (byte[])[.. Encoding.ASCII.GetBytes($"{seconds}."), .. request.Body]);
        Assert.That(request.Headers["Gateway-Signature"], Is.EqualTo($"t={seconds},v1={Convert.ToHexString(expected).ToLowerInvariant()}"));
    }

    [TestCase(400)]
    [TestCase(409)]
    [TestCase(413)]
    [TestCase(415)]
    [TestCase(422)]
    public async Task A_message_that_is_refused_is_found_and_the_others_are_taken_in_order(int status)
    {
        var taken = new List<string>();
        _answer = async (context, request) =>
        {
            if (request.Text.Contains("bad", StringComparison.Ordinal))
            {
                await Status(context, status, "I do\nnot like that");
                return;
            }

            taken.AddRange(Regex.Matches(request.Text, @"\d+").Select(match => match.Value));
        };

        var delivery = await WriteAsync(Settings, [.. Enumerable.Range(1, 9).Select(n => n is 3 or 8 ? $"{{\"n\":\"bad {n}\"}}" : $"{{\"n\":{n}}}")]);

        Assert.That(delivery.Refused.Select(refusal => refusal.Message.Text()), Is.EqualTo(["""{"n":"bad 3"}""", """{"n":"bad 8"}"""]));
        Assert.That(delivery.Refused[0].Reason, Does.StartWith($"{status} ").And.EndWith(": I do not like that"));
        Assert.That(delivery.Again, Is.Empty);
        Assert.That(taken, Is.EqualTo(["1", "2", "4", "5", "6", "7", "9"]));
    }

    [TestCase(301)]
    [TestCase(401)]
    [TestCase(403)]
    [TestCase(404)]
    [TestCase(408)]
    [TestCase(425)]
    [TestCase(429)]
    [TestCase(500)]
    [TestCase(503)]
    public async Task What_is_not_the_messages_fault_is_tried_again(int status)
    {
        _answer = (context, _) =>
        {
            context.Response.Headers.Location = _receiver.Url + "/elsewhere";
            return Status(context, status);
        };

        var delivery = await WriteAsync(Settings, "{}", "{}");

        Assert.That((delivery.Again.Count, delivery.Refused.Count, delivery.RetryAfter), Is.EqualTo((2, 0, (TimeSpan?)null)));
        Assert.That(delivery.Problem, Does.StartWith($"{status}"));
        Assert.That(_receiver.Requests, Has.Count.EqualTo(1), "a redirect is not followed");
    }

    [TestCase("120", 120)]
    [TestCase("Fri, 02 Jan 2026 03:09:05 GMT", 300)]
    public async Task The_receiver_may_say_when(string retryAfter, int seconds)
    {
        _answer = (context, _) =>
        {
            context.Response.Headers.RetryAfter = retryAfter;
            return Status(context, 503);
        };

        Assert.That((await WriteAsync(Settings, "{}")).RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(seconds)));
    }

    [Test]
    public async Task What_was_taken_and_refused_before_a_failure_is_not_sent_again()
    {
        _answer = (context, request) => Status(context, request.Text switch
        {
            """[{"n":1}]""" => 200,
            """[{"n":2}]""" => 422,
            _ when request.Text.Contains("\"n\":1", StringComparison.Ordinal) => 400,
            _ => 503,
        });

        var delivery = await WriteAsync(Settings, """{"n":1}""", """{"n":2}""", """{"n":3}""", """{"n":4}""");

        Assert.That(delivery.Refused.Single().Message.Text(), Is.EqualTo("""{"n":2}"""));
        Assert.That(delivery.Again.Select(message => message.Text()), Is.EqualTo(["""{"n":3}""", """{"n":4}"""]));
    }

    [Test]
    public async Task A_body_is_no_longer_than_it_may_be_and_too_long_is_learnt()
    {
        var longest = 300;
        _answer = (context, request) => Status(context, request.Body.Length > longest ? 413 : 200);
        await using var sink = New(Settings with { MaxBodyKilobytes = 1 });
        var batch = SomeMessages.Of([.. Enumerable.Range(1, 40).Select(n => $"{{\"n\":\"{new string('x', 50)}\"}}")]);

        await sink.WriteAsync(batch, CancellationToken.None);
        Assert.That(_receiver.Requests.Max(request => request.Body.Length), Is.InRange(900, 1025));
        _receiver.Requests.Clear();
        var delivery = await sink.WriteAsync(batch, CancellationToken.None);

        Assert.That(_receiver.Requests.Select(request => request.Body.Length), Has.All.LessThanOrEqualTo(longest));
        Assert.That((delivery.Refused.Count, delivery.Again.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task A_receiver_that_does_not_answer_is_given_up_in_time()
    {
        var never = new TaskCompletionSource();
        _answer = (_, _) => never.Task;
        var delivering = WriteAsync(Settings with { TimeoutSeconds = 20 }, "{}");
        await Eventually.HoldsAsync(() => _receiver.Requests.Count == 1, "the request is there");

        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.That(await delivering, Has.Property(nameof(Delivery.Problem)).EqualTo("no answer within 20 s"));
        never.SetResult();
    }

    [Test]
    public async Task A_receiver_that_is_not_there_or_hangs_up_is_tried_again()
    {
        _answer = (context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        Assert.That((await WriteAsync(Settings, "{}")).Again, Has.Count.EqualTo(1));

        await _receiver.DisposeAsync();
        Assert.That((await WriteAsync(Settings, "{}")).Again, Has.Count.EqualTo(1));
    }

    private HttpSinkSettings Settings => new() { Url = _receiver.Url + "/in?x=1" };

    private HttpSink New(HttpSinkSettings settings) => new("web", settings, _time);

    private async Task<Delivery> WriteAsync(HttpSinkSettings settings, params string[] bodies)
    {
        await using var sink = New(settings);
        return await sink.WriteAsync(SomeMessages.Of(bodies), CancellationToken.None).WaitAsync(Eventually.Limit);
    }

    private static Task Status(HttpContext context, int status, string text = "")
    {
        context.Response.StatusCode = status;
        return text.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(text);
    }
}
