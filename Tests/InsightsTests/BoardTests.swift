import Insights
