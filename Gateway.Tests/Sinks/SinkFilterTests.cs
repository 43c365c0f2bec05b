using Gateway.Sinks;

namespace Gateway.Tests.Sinks;

internal sealed class SinkFilterTests
{
    private static readonly SinkMessage Message = SomeMessages.Of("{}")[0] with { Index = "TEMPERATURE", Labels = ["roof", "east"] };

    private static IEnumerable<TestCaseData> Filters()
    {
        yield return new(new SinkFilterSettings(), true);
        yield return new(new SinkFilterSettings { Profiles = ["json", "efento"] }, true);
        yield return new(new SinkFilterSettings { Profiles = ["json"] }, false);
        yield return new(new SinkFilterSettings { Labels = ["east", "west"] }, true);
        yield return new(new SinkFilterSettings { Labels = ["Roof"] }, false);
        yield return new(new SinkFilterSettings { Indexes = ["TEMPERATURE"] }, true);
        yield return new(new SinkFilterSettings { Indexes = ["HUMIDITY"] }, false);
        yield return new(new SinkFilterSettings { Kinds = [] }, true);
        yield return new(new SinkFilterSettings { Kinds = [MessageKind.Error] }, false);
        yield return new(new SinkFilterSettings { Profiles = ["efento"], Labels = ["roof"], Indexes = ["HUMIDITY"] }, false);
    }

    [TestCaseSource(nameof(Filters))]
    public void A_message_must_be_in_every_list_that_is_not_empty(object filter, bool passes) =>
        Assert.That(new SinkFilter((SinkFilterSettings)filter).Passes(Message), Is.EqualTo(passes));

    [Test]
    public void What_has_no_index_is_in_no_list_of_them() =>
        Assert.That(new SinkFilter(new SinkFilterSettings { Indexes = ["TEMPERATURE"] }).Passes(Message with { Index = null }), Is.False);
}
