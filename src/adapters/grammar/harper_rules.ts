// Of Harper's 885 rules (harper.js 2.10, `getDefaultLintConfig`) 873 are on. These are switched off, because they judge
// taste, typography, brands or a dialect: a learner is told what is wrong, not what could be finer.

const STYLE =
  "ACoupleMore ArriveOnWeekday AvoidAndAlso AvoidContractions BoringWords CondenseAllThe Cybersec Excellent ExpandControl " +
  "ExpandFavourite ExpandForward ExpandLegitimate ExpandMinimum ExpandPrevious ExpandWith ExpandWithout FatalOutcome " +
  "FillerWords Freezing Hedging KindOf LongSentences MultipleFrequencyAdverbs OverPlus RedundantAcronyms " +
  "RedundantAdditiveAdverbs RedundantIIRC RedundantPretty RedundantSelf SendAnEmailTo SideTangent Starving " +
  "TruthToTheFact VeryUnique WasComprisedOf WouldNeverHave Oxymorons AWhile FindOut Damages AvoidCurses OkToOkay " +
  "YeaToYeah YehToYeah BlacklistWhitelist VeryMuchSo RedundantSuperlatives QuiteMany SomewhatSomething AsItHappens " +
  "AtTheEndOfTheDay InDetail SubjunctiveWasToWere";

const TYPOGRAPHY =
  "Dashes EllipsisLength UseEllipsisCharacter NoFrenchSpaces OxfordComma NoOxfordComma QuoteSpacing Spaces UnclosedQuotes " +
  "UseTitleCase NumericRangeEnDash FootInchMinuteSecondSymbols DegreesKelvinSymbol DotInitialisms HyphenateNumberDay " +
  // `10 000 so'm` is written with its currency behind.
  "CurrencyPlacement SpelledNumbers ClicheAccent";

const DIALECT =
  "Regionalisms OutOfTheWindow Touristic HaveTakeALook InOnTheCards FedUpWith TillDate PreferPleaded PreferPled " +
  "PreferSneaked PreferSnuck ViciousCircle ViciousCircleOrCycle ViciousCycle AnotherThingComing AnotherThinkComing " +
  "UpdatePlaceNames Bollocks InFavourOfDoing";

// Abbreviations of chats and of programmers, and names of products.
const ABBREVIATIONS =
  "AsFarAsICanTell AsFarAsIKnow AsSoonAsPossible BeRightBack ByTheWay ExplainLikeImFive ForWhatItsWorth ForYourInformation " +
  "IDontKnow IfIRecallCorrectly IfIUnderstandCorrectly IfYouKnowYouKnow InCaseYouMissedIt InMyHumbleOpinion InMyOpinion " +
  "InRealLife LetMeKnow NeverMind OhMyGod OnTheOtherHand PleaseTakeALook Really TalkToYouLater ToBeHonest " +
  "ExpandAlgorithm ExpandAlloc ExpandArgument ExpandConfiguration ExpandCoordinate ExpandDecl ExpandDependencies " +
  "ExpandDereference ExpandDirectory ExpandGovt ExpandNotification ExpandParameter ExpandPerformance ExpandPointer " +
  "ExpandPreference ExpandStandardInputAndOutput ExpandVulnerability ExpandMemoryShorthands ExpandTimeShorthands " +
  "ExpandPeople AmazonNames AppleNames AzureNames DayOneNames GoogleNames JetpackNames MetaNames MicrosoftNames " +
  "PocketCastsNames TumblrNames WordPressDotcom CompaniesProductsAndTrademarks";

export const DROPPED_RULES: readonly string[] = [STYLE, TYPOGRAPHY, DIALECT, ABBREVIATIONS].flatMap((rules) =>
  rules.split(" "),
);
