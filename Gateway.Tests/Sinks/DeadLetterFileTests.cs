using System.Text.Json;
using Gateway.Sinks;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Sinks;

internal sealed class DeadLetterFileTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero));
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void A_letter_says_what_was_refused_and_why()
    {
        New().Add(Refusals("""{"index":"T","values":[1]}"""));

        Assert.That(File.ReadAllText(_folder.PathOf("dead/web.ndjson")), Is.EqualTo(
            """{"message_id":"3f2a9c01b7d4e658-1-0","refused_at":"2026-01-02T03:04:06+00:00","reason":"400: no","kind":"reading","device_id":"282C024FFFB3","profile":"efento","revision":0,"time":"2026-01-02T03:04:05+00:00","content_type":"application/json","body":{"index":"T","values":[1]}}""" + "\n"));
    }

    [Test]
    public void Letters_of_before_are_counted()
    {
        New().Add(Refusals("{}", "{}"));
        var after = New();
        Assert.That(after.Count, Is.EqualTo(2));

        after.Add(Refusals("{}"));

        Assert.That((after.Count, New().Count), Is.EqualTo((3, 3)));
    }

    [Test]
    public void A_full_file_is_put_aside_and_the_oldest_letters_go()
    {
        var letters = New(maxBytes: 600);
        var dropped = Enumerable.Range(0, 7).Select(_ => letters.Add(Refusals("{}"))).ToArray();

        Assert.That(dropped.Sum(), Is.GreaterThan(0));
        Assert.That(letters.Count, Is.EqualTo(7 - dropped.Sum()));
        Assert.That(Directory.GetFiles(_folder.PathOf("dead")).Sum(file => File.ReadLines(file).Count(IsJson)), Is.EqualTo(letters.Count));
        Assert.That(new FileInfo(_folder.PathOf("dead/web.ndjson")).Length, Is.LessThanOrEqualTo(600));
    }

    private DeadLetterFile New(long maxBytes = 1024 * 1024) => new(_folder.PathOf("dead/web.ndjson"), maxBytes, _time);

    private static Refusal[] Refusals(params string[] bodies) => [.. SomeMessages.Of(bodies).Select(message => new Refusal(message, "400: no"))];

    private static bool IsJson(string line)
    {
        using var document = JsonDocument.Parse(line);
        return true;
    }
}
